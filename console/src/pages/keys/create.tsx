import { Button, Group, Stack, TagsInput, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import type { Consumer } from "../../api/consumers";
import { useCreateKey } from "../../api/keys";
import { fieldProblem } from "../../api/problem";
import { Dialog } from "../../parts/dialog";
import { Expiry } from "../../parts/expiry";
import { ProblemAlert } from "../../parts/problem";
import { KeyOnce } from "./key-once";

const FIELDS = ["label", "scopes", "expires"];

/** A new key for a consumer, shown once. */
export function CreateKey({ consumer, onClose }: { consumer: Consumer; onClose: () => void }) {
  const create = useCreateKey(consumer.bucket, consumer.name);
  const [label, setLabel] = useState("");
  const [scopes, setScopes] = useState<string[]>([]);
  const [expires, setExpires] = useState<string>();
  if (create.data) return <KeyOnce issued={create.data} onClose={onClose} />;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate({ label, scopes, ...(expires ? { expires } : {}) });
  };
  return (
    <Dialog onClose={onClose} title={`New key for ${consumer.name}`}>
      <form onSubmit={submit}>
        <Stack gap="md">
          <TextInput
            label="Label"
            description="What the key is for, so that it is known a year from now"
            data-autofocus
            value={label}
            error={fieldProblem(create.error, "label")}
            onChange={(event) => setLabel(event.currentTarget.value)}
          />
          <TagsInput
            label="Scopes"
            description="What it may be used for; none means routes that ask for none"
            value={scopes}
            splitChars={[" ", ","]}
            error={fieldProblem(create.error, "scopes")}
            onChange={setScopes}
          />
          <Expiry value={expires} error={fieldProblem(create.error, "expires")} onChange={setExpires} />
          {create.error ? <ProblemAlert error={create.error} shown={FIELDS} /> : null}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={create.isPending}>
              Create
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}
