import { Button, Group, Stack, Text } from "@mantine/core";
import { type FormEvent, useState } from "react";
import type { Key } from "../api/keys";
import { useRollOwnKey } from "../api/own";
import { KeyOnce } from "../pages/keys/key-once";
import { Dialog } from "../parts/dialog";
import { Grace, GraceNote } from "../parts/grace";
import { ProblemAlert } from "../parts/problem";

/** A new key in place of one's own. */
export function RollOwnKey({ old, onClose }: { old: Key; onClose: () => void }) {
  const roll = useRollOwnKey(old.id);
  const [grace, setGrace] = useState("1d");
  if (roll.data) return <KeyOnce issued={roll.data.issued} title="The key in its place" onClose={onClose} />;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    roll.mutate(grace);
  };
  return (
    <Dialog onClose={onClose} title={`Roll ${old.label || old.id}`}>
      <form onSubmit={submit}>
        <Stack gap="md">
          <Text size="sm">
            You get a new key that may do the same, shown once. The old one goes on working for a while, so
            that you can change over without a gap.
          </Text>
          <Grace label="The old key works for another" value={grace} onChange={setGrace} />
          <GraceNote value={grace} />
          {roll.error ? <ProblemAlert error={roll.error} /> : null}
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
