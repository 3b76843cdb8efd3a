import { Alert, Button, Group, Skeleton, Stack, Text, TextInput } from "@mantine/core";
import { TriangleAlert } from "lucide-react";
import { type FormEvent, useState } from "react";
import { type Key, useRevokeKey } from "../../api/keys";
import { fieldProblem } from "../../api/problem";
import { useUsage } from "../../api/usage";
import { count } from "../../format/number";
import { Dialog } from "../../parts/dialog";
import { useNotice } from "../../parts/notice";
import { ProblemAlert } from "../../parts/problem";
import { When } from "../../parts/when";

/** The end of a key: why, and what will break. */
export function RevokeKey({ shown, onClose }: { shown: Key; onClose: () => void }) {
  const revoke = useRevokeKey(shown.id);
  const [reason, setReason] = useState("");
  const say = useNotice();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    revoke.mutate(reason.trim(), {
      onSuccess: () => {
        say(`${shown.label || shown.id} is revoked: requests with it are refused from now on`);
        onClose();
      },
    });
  };
  return (
    <Dialog onClose={onClose} title={`Revoke ${shown.label || shown.id}`}>
      <form onSubmit={submit}>
        <Stack gap="md">
          <Breakage shown={shown} />
          <TextInput
            label="Reason"
            description="For the audit log and for whoever asks later"
            placeholder="seen in a public repository"
            data-autofocus
            value={reason}
            error={fieldProblem(revoke.error, "reason")}
            onChange={(event) => setReason(event.currentTarget.value)}
          />
          <Text size="sm" c="dimmed">
            It takes effect at once and cannot be undone. Tokens that origins already hold live on for minutes
            at most.
          </Text>
          {revoke.error ? <ProblemAlert error={revoke.error} shown={["reason"]} /> : null}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" color="red" loading={revoke.isPending}>
              Revoke
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}

/** Who will notice: when the key was last used, and how much. */
function Breakage({ shown }: { shown: Key }) {
  const usage = useUsage({ key_id: shown.id }, "7d");
  if (usage.isPending) return <Skeleton height={70} />;
  const total = usage.data?.totals.requests;
  if (usage.error && !shown.last_used) {
    return (
      <Alert color="orange" icon={<TriangleAlert size={18} />} title="How much it is used is not known">
        The counts cannot be read at the moment. If in doubt, roll it instead.
      </Alert>
    );
  }
  const used = Boolean(shown.last_used) || (total ?? 0) > 0;
  return (
    <Alert
      color={used ? "red" : "gray"}
      icon={<TriangleAlert size={18} />}
      title={used ? "This key is in use" : "This key was never used"}
    >
      {used ? (
        <>
          {total === undefined ? null : (
            <>
              About <b className="figure">{count(Math.round(total / 7))}</b> requests a day over the last week
              (<span className="figure">{count(total)}</span> in all);{" "}
            </>
          )}
          last used <When at={shown.last_used} none="moments ago" /> by {shown.consumer.name}. They will be
          refused with 401. To change over without a gap, roll it instead.
        </>
      ) : (
        "Revoking it breaks nothing that has called so far."
      )}
    </Alert>
  );
}
