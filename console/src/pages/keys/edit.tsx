import { Button, Group, Stack, TagsInput, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { type Key, useUpdateKey } from "../../api/keys";
import { fieldProblem } from "../../api/problem";
import { Dialog } from "../../parts/dialog";
import { Expiry } from "../../parts/expiry";
import { useNotice } from "../../parts/notice";
import { ProblemAlert } from "../../parts/problem";

const FIELDS = ["label", "scopes", "expires"];

/** Label, scopes and expiry of a key; its text stays what it is. */
export function EditKey({ shown, onClose }: { shown: Key; onClose: () => void }) {
  const update = useUpdateKey(shown.id);
  const [label, setLabel] = useState(shown.label);
  const [scopes, setScopes] = useState<string[]>(shown.scopes);
  const [expires, setExpires] = useState<string | undefined>(shown.expires ?? undefined);
  const say = useNotice();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const change = {
      ...(label === shown.label ? {} : { label }),
      ...(scopes.join(" ") === shown.scopes.join(" ") ? {} : { scopes }),
      ...((expires ?? null) === (shown.expires ?? null) ? {} : { expires: expires ?? null }),
    };
    update.mutate(
      { change, revision: shown.revision },
      {
        onSuccess: () => {
          say(`${label || shown.id} is changed, and in force`);
          onClose();
        },
      },
    );
  };
  return (
    <Dialog onClose={onClose} title={`Change ${shown.label || shown.id}`}>
      <form onSubmit={submit}>
        <Stack gap="md">
          <TextInput
            label="Label"
            data-autofocus
            value={label}
            error={fieldProblem(update.error, "label")}
            onChange={(event) => setLabel(event.currentTarget.value)}
          />
          <TagsInput
            label="Scopes"
            value={scopes}
            splitChars={[" ", ","]}
            error={fieldProblem(update.error, "scopes")}
            onChange={setScopes}
          />
          <Expiry value={expires} error={fieldProblem(update.error, "expires")} onChange={setExpires} />
          {update.error ? <ProblemAlert error={update.error} shown={FIELDS} /> : null}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={update.isPending}>
              Save
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}
