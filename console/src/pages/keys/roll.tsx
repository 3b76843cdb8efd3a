import { Alert, Button, Group, SegmentedControl, Stack, Text, TextInput } from "@mantine/core";
import { Clock } from "lucide-react";
import { type FormEvent, useState } from "react";
import { type Key, useRollKey } from "../../api/keys";
import { fieldProblem } from "../../api/problem";
import { Dialog } from "../../parts/dialog";
import { ProblemAlert } from "../../parts/problem";
import { KeyOnce } from "./key-once";

const GRACES = [
  { value: "0s", label: "At once" },
  { value: "1h", label: "1 hour" },
  { value: "1d", label: "1 day" },
  { value: "7d", label: "7 days" },
  { value: "30d", label: "30 days" },
];

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
          <div>
            <Text size="sm" fw={500} mb={4}>
              The old key works for another
            </Text>
            <SegmentedControl
              fullWidth
              size="xs"
              aria-label="Grace"
              data={GRACES}
              value={grace}
              onChange={setGrace}
            />
          </div>
          <TextInput
            label="Label of the new key"
            value={label}
            error={fieldProblem(roll.error, "label")}
            onChange={(event) => setLabel(event.currentTarget.value)}
          />
          {grace === "0s" ? (
            <Alert color="orange" role="note" title="No grace">
              The old key is refused from the moment that the new one exists.
            </Alert>
          ) : (
            <Alert color="gray" role="note" icon={<Clock size={18} />}>
              Until then, responses to the old key carry <span className="code">Deprecation</span> and{" "}
              <span className="code">Sunset</span>, so that programs can notice.
            </Alert>
          )}
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
