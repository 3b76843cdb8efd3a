import { Alert, Button, Group, Skeleton, Stack, TagsInput, Text, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import type { Consumer } from "../../api/consumers";
import { type Key, useKeys, useRollAll } from "../../api/keys";
import { fieldProblem } from "../../api/problem";
import { Dialog } from "../../parts/dialog";
import { Grace, GraceNote } from "../../parts/grace";
import { ProblemAlert } from "../../parts/problem";
import { When } from "../../parts/when";
import { KeyOnce } from "../keys/key-once";

const MOST_SHOWN = 20;

/** One new key in place of all active ones of a consumer. */
export function RollAll({ consumer, onClose }: { consumer: Consumer; onClose: () => void }) {
  const { bucket, name } = consumer;
  const active = useKeys({ bucket, consumer: name, state: "active" }, MOST_SHOWN);
  const roll = useRollAll(bucket, name);
  if (roll.data)
    return <KeyOnce issued={roll.data.issued} title="The key in place of them all" onClose={onClose} />;
  const keys = active.data?.pages[0]?.data;
  return (
    <Dialog onClose={onClose} title={`Roll all keys of ${name}`}>
      {active.error ? <ProblemAlert error={active.error} onRetry={() => void active.refetch()} /> : null}
      {active.isPending ? <Skeleton height={200} /> : null}
      {keys?.length === 0 ? (
        <Alert color="gray" role="note" title="No active key">
          There is nothing to roll. Create a key instead.
        </Alert>
      ) : null}
      {keys && keys.length > 0 ? (
        <Form keys={keys} more={active.hasNextPage} roll={roll} onClose={onClose} />
      ) : null}
    </Dialog>
  );
}

interface FormProps {
  keys: readonly Key[];
  more: boolean;
  roll: ReturnType<typeof useRollAll>;
  onClose: () => void;
}

function Form({ keys, more, roll, onClose }: FormProps) {
  const agreed = keys.every((key) => key.scopes.join(" ") === keys[0]?.scopes.join(" "));
  const [grace, setGrace] = useState("1d");
  const [label, setLabel] = useState("");
  const [scopes, setScopes] = useState<string[]>([...new Set(keys.flatMap((key) => key.scopes))]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    roll.mutate({ grace, ...(label.trim() ? { label } : {}), ...(agreed && !more ? {} : { scopes }) });
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="md">
        <Text size="sm">One new key is made, and shown once. These go on working for the grace:</Text>
        <Stack component="ul" gap={2} m={0} pl="lg">
          {keys.map((key) => (
            <Text component="li" size="sm" className="plain" key={key.id}>
              {key.label || <span className="code">{key.id}</span>}, last used <When at={key.last_used} />
            </Text>
          ))}
          {more ? <Text size="sm">and more</Text> : null}
        </Stack>
        <Grace label="The old keys work for another" value={grace} onChange={setGrace} />
        <TextInput
          label="Label of the new key"
          description="As theirs, if they agree, when left empty"
          value={label}
          error={fieldProblem(roll.error, "label")}
          onChange={(event) => setLabel(event.currentTarget.value)}
        />
        {agreed && !more ? null : (
          <TagsInput
            label="Scopes of the new key"
            description="Theirs differ: say what it may be used for"
            value={scopes}
            splitChars={[" ", ","]}
            error={fieldProblem(roll.error, "scopes")}
            onChange={setScopes}
          />
        )}
        <GraceNote value={grace} />
        {roll.error ? <ProblemAlert error={roll.error} shown={["label", "scopes"]} /> : null}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={roll.isPending} data-autofocus>
            Roll all
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
