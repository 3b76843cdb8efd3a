import { Stack } from "@mantine/core";
import { useState } from "react";
import { type AdminToken, useRevokeAdminToken, useRollAdminToken } from "../../api/admins";
import { Confirm } from "../../parts/confirm";
import { Grace } from "../../parts/grace";
import { useNotice } from "../../parts/notice";
import { Once } from "../keys/key-once";

interface Props {
  token: AdminToken & { id: string };
  onClose: () => void;
}

/** A new admin token in place of an old one. */
export function RollAdminToken({ token, onClose }: Props) {
  const roll = useRollAdminToken(token.id);
  const [grace, setGrace] = useState("1d");
  if (roll.data)
    return (
      <Once
        secret={roll.data.issued.token}
        title={`The new token of ${token.name}`}
        what="token"
        onClose={onClose}
      />
    );
  return (
    <Confirm
      title={`Roll the token of ${token.name}?`}
      action="Roll"
      color="mint"
      busy={roll.isPending}
      error={roll.error}
      onConfirm={() => roll.mutate(grace)}
      onClose={onClose}
    >
      <Stack gap="md">
        <span>A new token with the same role is made, and shown once.</span>
        <Grace label="The old one works for another" value={grace} onChange={setGrace} />
      </Stack>
    </Confirm>
  );
}

/** The end of an admin token. */
export function RevokeAdminToken({ token, onClose }: Props) {
  const revoke = useRevokeAdminToken(token.id);
  const say = useNotice();
  return (
    <Confirm
      title={`Revoke the token of ${token.name}?`}
      action="Revoke"
      color="red"
      typed={token.name}
      busy={revoke.isPending}
      error={revoke.error}
      onConfirm={() =>
        revoke.mutate(undefined, {
          onSuccess: () => {
            say(`${token.name} can no longer sign in`);
            onClose();
          },
        })
      }
      onClose={onClose}
    >
      Whoever uses it is shut out at once, programs included. This cannot be undone.
    </Confirm>
  );
}
