import { TextInput } from "@mantine/core";
import { useEffect, useRef } from "react";

interface Props {
  label: string;
  placeholder: string;
  value: string | undefined;
  onApply: (value: string | undefined) => void;
}

/** A filter of text, which counts when it is left or Enter is pressed. */
export function TypedFilter({ label, placeholder, value = "", onApply }: Props) {
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    // Another value from outside, such as a view that was chosen; the focus stays where it is.
    if (field.current && field.current.value.trim() !== value) field.current.value = value;
  }, [value]);
  const apply = (text: string) => {
    if (text.trim() !== value) onApply(text.trim() || undefined);
  };
  return (
    <TextInput
      ref={field}
      aria-label={label}
      placeholder={placeholder}
      defaultValue={value}
      onBlur={(event) => apply(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key === "Enter") apply(event.currentTarget.value);
      }}
    />
  );
}
