import { Group, Select, TextInput } from "@mantine/core";
import { useState } from "react";
import { daysFromNow } from "../format/time";

interface Props {
  value: string | undefined;
  error?: string | undefined;
  onChange: (expires: string | undefined) => void;
}

const CHOICES = [
  { value: "never", label: "Never" },
  { value: "30", label: "In 30 days" },
  { value: "90", label: "In 90 days" },
  { value: "365", label: "In a year" },
  { value: "day", label: "On a day…" },
];

/** When something ends: after a usual time, on a day, or never. */
export function Expiry({ value, error, onChange }: Props) {
  const [choice, setChoice] = useState(value ? "day" : "never");
  const choose = (next: string | null) => {
    setChoice(next ?? "never");
    if (next === "never" || next === null) onChange(undefined);
    else if (next !== "day") onChange(daysFromNow(Number(next)));
  };
  return (
    <Group align="flex-end" grow preventGrowOverflow={false}>
      <Select
        label="Expires"
        data={CHOICES}
        value={choice}
        allowDeselect={false}
        error={error}
        onChange={choose}
      />
      {choice === "day" ? (
        <TextInput
          type="date"
          label="Day"
          value={value?.slice(0, 10) ?? ""}
          onChange={(event) =>
            onChange(event.currentTarget.value ? `${event.currentTarget.value}T00:00:00Z` : undefined)
          }
        />
      ) : null}
    </Group>
  );
}
