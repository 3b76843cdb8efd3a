import { Anchor, Button, Group, Stack, Text, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { Link } from "wouter";
import { type Bucket, useCreateBucket, useDeleteBucket, useUpdateBucket } from "../../api/buckets";
import { fieldProblem, Problem } from "../../api/problem";
import { Confirm } from "../../parts/confirm";
import { Dialog } from "../../parts/dialog";
import { useNotice } from "../../parts/notice";
import { ProblemAlert } from "../../parts/problem";

interface Props {
  bucket: Bucket;
  onClose: () => void;
}

/** One more namespace. */
export function CreateBucket({ onClose }: { onClose: () => void }) {
  const create = useCreateBucket();
  const [name, setName] = useState("");
  const [prefix, setPrefix] = useState("");
  const say = useNotice();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate(
      { name: name.trim(), ...(prefix.trim() ? { prefix: prefix.trim() } : {}) },
      {
        onSuccess: (bucket) => {
          say(`${bucket.name} is there, and empty`);
          onClose();
        },
      },
    );
  };
  return (
    <Dialog onClose={onClose} title="New bucket">
      <form onSubmit={submit}>
        <Stack gap="md">
          <TextInput
            label="Name"
            description="Lower-case letters, digits, dots and hyphens. It stays as it is"
            placeholder="staging"
            required
            data-autofocus
            value={name}
            error={fieldProblem(create.error, "name")}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <PrefixInput value={prefix} error={create.error} placeholder="mgk" onChange={setPrefix} />
          {create.error ? <ProblemAlert error={create.error} shown={["name", "prefix"]} /> : null}
          <Buttons action="Create" busy={create.isPending} disabled={!name.trim()} onClose={onClose} />
        </Stack>
      </form>
    </Dialog>
  );
}

/** What a bucket's new keys begin with. */
export function ChangePrefix({ bucket, onClose }: Props) {
  const update = useUpdateBucket(bucket);
  const [prefix, setPrefix] = useState<string>(bucket.prefix);
  const say = useNotice();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    update.mutate(prefix.trim(), {
      onSuccess: () => {
        say(`New keys in ${bucket.name} begin with ${prefix.trim()}_`);
        onClose();
      },
    });
  };
  return (
    <Dialog onClose={onClose} title={`New keys in ${bucket.name}`}>
      <form onSubmit={submit}>
        <Stack gap="md">
          <PrefixInput value={prefix} error={update.error} onChange={setPrefix} />
          <Text size="sm">Keys that exist keep the prefix that they were made with, and go on working.</Text>
          {update.error ? <ProblemAlert error={update.error} shown={["prefix"]} /> : null}
          <Buttons
            action="Save"
            busy={update.isPending}
            disabled={!prefix.trim() || prefix.trim() === bucket.prefix}
            onClose={onClose}
          />
        </Stack>
      </form>
    </Dialog>
  );
}

/** The end of an empty bucket. One with consumers in it stays, and the dialog leads to them. */
export function DeleteBucket({ bucket, onClose }: Props) {
  const remove = useDeleteBucket(bucket);
  const say = useNotice();
  const inUse = remove.error instanceof Problem && remove.error.code === "bucket_not_empty";
  return (
    <Confirm
      title={`Delete ${bucket.name}?`}
      action="Delete"
      color="red"
      busy={remove.isPending}
      error={remove.error}
      onConfirm={() =>
        remove.mutate(undefined, {
          onSuccess: () => {
            say(`${bucket.name} is deleted`);
            onClose();
          },
        })
      }
      onClose={onClose}
    >
      Only a bucket without consumers can be deleted, so nobody's key stops working by it.
      {inUse ? (
        <>
          {" "}
          <Anchor
            component={Link}
            size="sm"
            underline="always"
            href={`/consumers?bucket=${encodeURIComponent(bucket.name)}`}
          >
            Show its consumers
          </Anchor>
        </>
      ) : null}
    </Confirm>
  );
}

interface PrefixProps {
  value: string;
  error: unknown;
  placeholder?: string;
  onChange: (prefix: string) => void;
}

function PrefixInput({ value, error, placeholder = "", onChange }: PrefixProps) {
  return (
    <TextInput
      label="Prefix of new keys"
      description="So that people and secret scanners know whose a key is. Letters, digits and _"
      placeholder={placeholder}
      value={value}
      error={fieldProblem(error, "prefix")}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}

interface ButtonsProps {
  action: string;
  busy: boolean;
  disabled: boolean;
  onClose: () => void;
}

function Buttons({ action, busy, disabled, onClose }: ButtonsProps) {
  return (
    <Group justify="flex-end">
      <Button variant="default" onClick={onClose}>
        Cancel
      </Button>
      <Button type="submit" loading={busy} disabled={disabled}>
        {action}
      </Button>
    </Group>
  );
}
