import { Select } from "@mantine/core";

interface Props {
  label: string;
  placeholder: string;
  data: readonly (string | { value: string; label: string })[];
  value: string | undefined;
  onChange: (value: string | undefined) => void;
}

/** A filter with a few choices, or none of them. */
export function ChosenFilter({ label, placeholder, data, value, onChange }: Props) {
  return (
    <Select
      aria-label={label}
      placeholder={placeholder}
      clearable
      data={[...data]}
      value={value ?? null}
      onChange={(chosen) => onChange(chosen ?? undefined)}
    />
  );
}
