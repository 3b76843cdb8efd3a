import { Button, Group, Stack, Text, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { type Key, useRollKey } from "../../api/keys";
import { fieldProblem } from "../../api/problem";
import { Dialog } from "../../parts/dialog";
import { Grace, GraceNote } from "../../parts/grace";
import { ProblemAlert } from "../../parts/problem";
import { KeyOnce } from "./key-once";

/** A new key in place of an old one, which goes on working for the grace. */
export function RollKey({ old, onClose }: { old: Key; onClose: () => void }) {
  const roll = useRollKey(old.id);
  const [grace, setGrace] = useState("1d");
  const [label, setLabel] = useState(old.label);
  if (roll.data) return <KeyOnce issued={roll.data.issued} title="The key in its place" onClose={onClose} />;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    roll.mutate({ grace, label });
  };
  return (
    <Dialog onClose={onClose} title={`Roll ${old.label || old.id}`}>
      <form onSubmit={submit}>
        <Stack gap="md">
          <Text size="sm">
            A new key with the same scopes is made, and shown once. The old one goes on working for the grace,
            so that its holder can change over without a gap.
          </Text>
          <Grace label="The old key works for another" value={grace} onChange={setGrace} />
          <TextInput
            label="Label of the new key"
            value={label}
            error={fieldProblem(roll.error, "label")}
            onChange={(event) => setLabel(event.currentTarget.value)}
          />
          <GraceNote value={grace} />
          {roll.error ? <ProblemAlert error={roll.error} shown={["label"]} /> : null}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={roll.isPending} data-autofocus>
              Roll
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}
