// What went wrong, as the admin API says it (RFC 9457), and what one can do about it.

import type { components } from "./generated";

type Document = Omit<Partial<components["schemas"]["Problem"]>, "code"> & { code?: string };

export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly detail: string | undefined;
  readonly requestId: string | undefined;
  readonly fields: ReadonlyMap<string, string>;

  constructor(status: number, document: Document) {
    super(document.title ?? `The gateway answered with status ${status}`);
    this.status = status;
    this.code = document.code ?? "unknown";
    this.detail = document.detail ?? undefined;
    this.requestId = document.request_id;
    this.fields = new Map((document.errors ?? []).map(({ field, message }) => [field, message]));
  }

  /** What is wrong with one field of a form, if anything is. */
  field(name: string): string | undefined {
    return this.fields.get(name);
  }

  /** What to do about it. */
  get advice(): string | undefined {
    return ADVICE[this.code];
  }
}

/** A request that got no answer. */
export function unreachable(): Problem {
  return new Problem(0, {
    title: "The gateway does not answer",
    code: "unreachable",
    detail: "The admin listener could not be reached from this browser.",
  });
}

/** A field's problem out of whatever a mutation failed with. */
export function fieldProblem(error: unknown, name: string): string | undefined {
  return error instanceof Problem ? error.field(name) : undefined;
}

const ADVICE: Readonly<Record<string, string>> = {
  unreachable: "Check that `mintgate serve` runs and that nothing stands between. Nothing was changed.",
  invalid_token: "The admin token is unknown, expired or revoked. Ask an owner for a new one.",
  forbidden: "Your role does not allow this. An owner can do it, or give you another role.",
  not_found: "It may have been deleted or renamed meanwhile. Go back to the list and look again.",
  consumer_exists: "Names are unique in a bucket. Choose another name, or open the consumer that has it.",
  admin_token_exists:
    "Give it another name: each active admin token has its own, so that the audit log is clear.",
  admin_token_ended: "It was rolled or revoked meanwhile. Create a new one.",
  bucket_exists: "Choose another name: a bucket of this name is there already.",
  key_revoked: "A revoked key stays revoked. Create a new one.",
  key_not_active: "It was rolled or has expired meanwhile. Load the page again to see the key that works.",
  consumer_disabled: "Whoever runs the gateway disabled it. Ask them before you roll its keys.",
  too_many_changes: "Many keys were rolled in a short time. Wait a minute before the next one.",
  idempotency_key_in_use:
    "The same request is still being carried out. Wait a moment, then look whether it is done.",
  nothing_to_roll: "There is no active key. Create one instead.",
  bucket_not_empty: "Delete or move its consumers first.",
  stale: "Somebody changed it since you opened it. Look at what changed, then save again.",
  not_yet_in_force: "The change is stored and will come into force. Watch the status before relying on it.",
  unavailable: "The store cannot be reached. Requests with known keys go on; try again in a moment.",
  timeout: "It took too long. It may still be carried out: look before you repeat it.",
  too_many_attempts: "Wait before the next attempt.",
  internal: "Something went wrong in the gateway. Its log has more under the request id.",
};
