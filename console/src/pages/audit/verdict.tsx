import { Alert } from "@mantine/core";
import { ShieldAlert, ShieldCheck } from "lucide-react";
import type { AuditVerdict } from "../../api/admins";
import { exact } from "../../format/number";

/** Whether the chain of hashes holds. */
export function Verdict({ verdict, onClose }: { verdict: AuditVerdict; onClose: () => void }) {
  if (verdict.ok) {
    return (
      <Alert
        color="mint"
        icon={<ShieldCheck size={18} />}
        title="The log is whole"
        withCloseButton
        closeButtonLabel="Dismiss"
        onClose={onClose}
        role="status"
      >
        {exact(verdict.entries)} entries, each with the hash of the one before it. Nothing was altered or
        removed.
      </Alert>
    );
  }
  return (
    <Alert color="red" icon={<ShieldAlert size={18} />} title="The log was altered" role="alert">
      {verdict.problem ?? "The chain of hashes is broken."}{" "}
      {verdict.first_bad_seq == null
        ? ""
        : `The first entry that does not fit is number ${verdict.first_bad_seq}. `}
      Compare it with an export from before, and ask who can write the store.
    </Alert>
  );
}
