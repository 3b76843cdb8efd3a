import { Anchor, Button, Group, Stack } from "@mantine/core";
import { Search } from "lucide-react";
import { type FormEvent, useState } from "react";
import { Link, useSearch } from "wouter";
import { type KeySelection, usePreviewRevocation } from "../../api/keys";
import { Command } from "../../parts/command";
import { Page } from "../../parts/page";
import { ProblemAlert } from "../../parts/problem";
import { Section } from "../../parts/section";
import { Preview } from "./revoke-preview";
import { filterOf, type Selection, saysSomething, selectionIn } from "./selection";
import { SelectionFields, SHOWN } from "./selection-fields";

/** Ends many keys at once: says which, then what would break, and only then does it. */
export default function RevokeMany() {
  const [selection, setSelection] = useState<Selection>(selectionIn(useSearch()));
  const [looked, setLooked] = useState<KeySelection>();
  const preview = usePreviewRevocation();
  const filter = filterOf(selection);
  const change = (next: Partial<Selection>) => {
    setSelection({ ...selection, ...next });
    // What was looked at is no longer what stands in the form.
    setLooked(undefined);
    preview.reset();
  };
  const look = (event: FormEvent) => {
    event.preventDefault();
    preview.mutate(filter, { onSuccess: () => setLooked(filter) });
  };
  return (
    <Page
      title="Revoke many keys"
      about={
        <>
          Say which, look at what would break, then revoke. One key is ended from{" "}
          <Anchor component={Link} href="/keys" size="sm" underline="always">
            its own page
          </Anchor>
        </>
      }
    >
      <Section title="Which keys" about="Those that fit all that is said here. Revoked ones are passed over">
        <form onSubmit={look}>
          <Stack gap="md">
            <SelectionFields selection={selection} error={preview.error} onChange={change} />
            {preview.error ? <ProblemAlert error={preview.error} shown={SHOWN} /> : null}
            <Group>
              <Button
                type="submit"
                variant={looked ? "default" : "filled"}
                leftSection={<Search size={16} />}
                loading={preview.isPending}
                disabled={!saysSomething(filter)}
              >
                Show what would be revoked
              </Button>
            </Group>
          </Stack>
        </form>
      </Section>
      {looked && preview.data ? (
        <Preview
          filter={looked}
          found={preview.data}
          onDone={() => {
            setSelection({});
            setLooked(undefined);
            preview.reset();
          }}
        />
      ) : (
        <Command text="mintgate keys revoke --where unused_for=90d --dry-run" />
      )}
    </Page>
  );
}
