import { Select, SimpleGrid, Textarea, TextInput } from "@mantine/core";
import { useBuckets } from "../../api/buckets";
import { fieldProblem } from "../../api/problem";
import { FOREIGN, UNUSED } from "./filters";
import type { Selection } from "./selection";

interface Props {
  selection: Selection;
  error: unknown;
  onChange: (change: Partial<Selection>) => void;
}

const FIELDS = [
  "bucket",
  "consumer",
  "tag",
  "label",
  "unused_for",
  "foreign",
  "created_before",
  "ids",
] as const;

/** The fields that show what is wrong with them. */
export const SHOWN = FIELDS.map((name) => `filter.${name}`);

/** Which keys, by all that a selection can say. */
export function SelectionFields({ selection, error, onChange }: Props) {
  const buckets = useBuckets();
  const problem = (name: string) => fieldProblem(error, `filter.${name}`);
  const text = (name: "consumer" | "tag" | "label", label: string, description: string) => (
    <TextInput
      label={label}
      description={description}
      value={selection[name] ?? ""}
      error={problem(name)}
      onChange={(event) => onChange({ [name]: event.currentTarget.value })}
    />
  );
  const choice = (name: "bucket" | "unused_for" | "foreign", label: string, description: string) => ({
    label,
    description,
    placeholder: "Any",
    clearable: true,
    value: selection[name] ?? null,
    error: problem(name),
    onChange: (value: string | null) => onChange({ [name]: value ?? "" }),
  });
  return (
    <>
      <SimpleGrid cols={{ base: 1, xs: 2, md: 3 }}>
        <Select
          {...choice("bucket", "Bucket", "Of its consumers")}
          data={(buckets.data ?? []).map(({ name }) => name)}
        />
        {text("consumer", "Consumer", "Its name; say its bucket, too")}
        {text("tag", "Tag", "Of the consumer, as name:value")}
        {text("label", "Label", "Of the key, to the letter")}
        <Select {...choice("unused_for", "Unused", "For so long, or never since made")} data={UNUSED} />
        <Select {...choice("foreign", "Issuer", "Another system, or Mintgate")} data={FOREIGN} />
        <TextInput
          type="date"
          label="Created before"
          description="The day itself is left out"
          value={selection.created_before ?? ""}
          error={problem("created_before")}
          onChange={(event) => onChange({ created_before: event.currentTarget.value })}
        />
      </SimpleGrid>
      <Textarea
        label="Key ids"
        description="The public parts of keys, such as those in a report of leaked ones; between spaces, commas or lines"
        autosize
        minRows={1}
        maxRows={6}
        classNames={{ input: "code" }}
        value={selection.ids ?? ""}
        error={problem("ids")}
        onChange={(event) => onChange({ ids: event.currentTarget.value })}
      />
    </>
  );
}
