import { Button, Collapse, Group, Select, Stack, Switch, TagsInput, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useLocation } from "wouter";
import { useBuckets } from "../../api/buckets";
import { type NewConsumer, useCreateConsumer } from "../../api/consumers";
import type { IssuedKey } from "../../api/keys";
import { fieldProblem } from "../../api/problem";
import { parseTags } from "../../format/tags";
import { Dialog } from "../../parts/dialog";
import { Expiry } from "../../parts/expiry";
import { ProblemAlert } from "../../parts/problem";
import { KeyOnce } from "../keys/key-once";
import { consumerAddress } from "./row";

interface Props {
  bucket: string | undefined;
  onClose: () => void;
}

const FIELDS = ["name", "subject", "bucket", "tags", "managers", "key.label", "key.scopes", "key.expires"];

/** A new consumer, with its first key if wanted: one request, one dialog. */
export function CreateConsumer({ bucket, onClose }: Props) {
  const [, go] = useLocation();
  const create = useCreateConsumer();
  const [issued, setIssued] = useState<{ key: IssuedKey; to: string }>();
  const submit = (wanted: NewConsumer) =>
    create.mutate(wanted, {
      onSuccess: ({ consumer, key }) => {
        const to = consumerAddress(consumer);
        if (key) setIssued({ key, to });
        else go(to);
      },
    });
  if (issued) {
    return (
      <KeyOnce
        issued={issued.key}
        onClose={() => {
          setIssued(undefined);
          onClose();
          go(issued.to);
        }}
      />
    );
  }
  return (
    <Dialog onClose={onClose} title="New consumer" size="lg">
      <Form
        bucket={bucket}
        error={create.error}
        busy={create.isPending}
        onSubmit={submit}
        onCancel={onClose}
      />
    </Dialog>
  );
}

interface FormProps {
  bucket: string | undefined;
  error: unknown;
  busy: boolean;
  onSubmit: (wanted: NewConsumer) => void;
  onCancel: () => void;
}

function Form({ bucket: first, error, busy, onSubmit, onCancel }: FormProps) {
  const buckets = useBuckets();
  const names = (buckets.data ?? []).map(({ name }) => name);
  const [bucket, setBucket] = useState<string | null>(first ?? null);
  const [name, setName] = useState("");
  const [subject, setSubject] = useState("");
  const [tags, setTags] = useState<string[]>([]);
  const [managers, setManagers] = useState<string[]>([]);
  const [withKey, setWithKey] = useState(true);
  const [label, setLabel] = useState("");
  const [scopes, setScopes] = useState<string[]>([]);
  const [expires, setExpires] = useState<string>();
  const chosen = bucket ?? names[0] ?? "production";
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onSubmit({
      bucket: chosen,
      name: name.trim(),
      ...(subject.trim() ? { subject: subject.trim() } : {}),
      ...(tags.length ? { tags: parseTags(tags) } : {}),
      ...(managers.length ? { managers } : {}),
      ...(withKey ? { key: { label, scopes, ...(expires ? { expires } : {}) } } : {}),
    });
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="md">
        <Group align="flex-start" grow preventGrowOverflow={false}>
          <TextInput
            label="Name"
            description="Unique in its bucket; the client_id of its tokens"
            required
            data-autofocus
            value={name}
            error={fieldProblem(error, "name")}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <Select
            label="Bucket"
            description="A namespace, such as production"
            data={names}
            value={chosen}
            allowDeselect={false}
            error={fieldProblem(error, "bucket")}
            onChange={setBucket}
          />
        </Group>
        <TextInput
          label="Subject"
          description="Who it is to origins (sub). Stays when the consumer is renamed. The name, if left empty"
          value={subject}
          error={fieldProblem(error, "subject")}
          onChange={(event) => setSubject(event.currentTarget.value)}
        />
        <TagsInput
          label="Tags"
          description="name:value, then Enter"
          value={tags}
          error={fieldProblem(error, "tags")}
          onChange={setTags}
        />
        <TagsInput
          label="Managers"
          description="E-mail addresses of those who may see and roll its keys themselves"
          value={managers}
          error={fieldProblem(error, "managers")}
          onChange={setManagers}
        />
        <Switch
          label="Create its first key right away"
          checked={withKey}
          onChange={(event) => setWithKey(event.currentTarget.checked)}
        />
        <Collapse expanded={withKey}>
          <Stack gap="md">
            <TextInput
              label="Key label"
              description="What the key is for"
              value={label}
              error={fieldProblem(error, "key.label")}
              onChange={(event) => setLabel(event.currentTarget.value)}
            />
            <TagsInput
              label="Scopes"
              description="What the key may be used for; none means routes that ask for none"
              value={scopes}
              splitChars={[" ", ","]}
              error={fieldProblem(error, "key.scopes")}
              onChange={setScopes}
            />
            <Expiry value={expires} error={fieldProblem(error, "key.expires")} onChange={setExpires} />
          </Stack>
        </Collapse>
        {error ? <ProblemAlert error={error} shown={FIELDS} /> : null}
        <Group justify="flex-end">
          <Button variant="default" onClick={onCancel}>
            Cancel
          </Button>
          <Button type="submit" loading={busy} disabled={!name.trim()}>
            Create
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
