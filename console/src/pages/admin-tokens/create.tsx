import { Button, Group, MultiSelect, Radio, Stack, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useCreateAdminToken } from "../../api/admins";
import { useBuckets } from "../../api/buckets";
import { fieldProblem } from "../../api/problem";
import type { Role } from "../../api/session";
import { Dialog } from "../../parts/dialog";
import { Expiry } from "../../parts/expiry";
import { ProblemAlert } from "../../parts/problem";
import { Once } from "../keys/key-once";

const ROLES: readonly { role: Role; about: string }[] = [
  { role: "operator", about: "Consumers and keys: create, change, roll, revoke" },
  { role: "auditor", about: "Reads everything but secrets, the audit log included; changes nothing" },
  { role: "owner", about: "Everything, signing keys and admin tokens included" },
];

const FIELDS = ["name", "role", "buckets", "expires_at"];

/** A way in for one more person or program, shown once. */
export function CreateAdminToken({ onClose }: { onClose: () => void }) {
  const create = useCreateAdminToken();
  const buckets = useBuckets();
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role>("operator");
  const [only, setOnly] = useState<string[]>([]);
  const [expires, setExpires] = useState<string>();
  if (create.data) {
    return <Once secret={create.data.token} title={`The token of ${name}`} what="token" onClose={onClose} />;
  }
  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate({
      name: name.trim(),
      role,
      ...(only.length ? { buckets: only } : {}),
      ...(expires ? { expires_at: expires } : {}),
    });
  };
  return (
    <Dialog onClose={onClose} title="New admin token">
      <form onSubmit={submit}>
        <Stack gap="md">
          <TextInput
            label="Name"
            description="Who uses it; the audit log calls them so"
            required
            data-autofocus
            value={name}
            error={fieldProblem(create.error, "name")}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <Radio.Group label="Role" value={role} onChange={(value) => setRole(value as Role)}>
            <Stack gap="xs" mt={6}>
              {ROLES.map(({ role: value, about }) => (
                <Radio key={value} value={value} label={value} description={about} />
              ))}
            </Stack>
          </Radio.Group>
          <MultiSelect
            label="Buckets"
            description="Only these; all, if none is chosen"
            data={(buckets.data ?? []).map((bucket) => bucket.name)}
            value={only}
            error={fieldProblem(create.error, "buckets")}
            onChange={setOnly}
          />
          <Expiry value={expires} error={fieldProblem(create.error, "expires_at")} onChange={setExpires} />
          {create.error ? <ProblemAlert error={create.error} shown={FIELDS} /> : null}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={create.isPending} disabled={!name.trim()}>
              Create
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}
