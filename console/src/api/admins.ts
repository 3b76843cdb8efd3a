// Admin tokens, and the log of what admins did.

import {
  keepPreviousData,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";
import { call, newIdempotencyKey } from "./client";
import type { Page } from "./consumers";
import type { Role } from "./session";

export interface AdminToken {
  id: string;
  name: string;
  role: Role;
  buckets?: string[] | null;
  created?: string;
  expires_at?: string | null;
  last_used?: string | null;
  state?: string;
  source: "config" | "store" | string;
}

export interface IssuedAdminToken {
  admin_token: AdminToken;
  token: string;
}

export function useAdminTokens() {
  return useQuery({
    queryKey: ["admin-tokens"],
    queryFn: async () => (await call<Page<AdminToken>>("GET", "/v1/admin-tokens")).data,
  });
}

function useTokenChange<V, R>(change: (value: V) => Promise<R>) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSuccess: () => queries.invalidateQueries({ queryKey: ["admin-tokens"] }),
    gcTime: 0,
  });
}

export interface NewAdminToken {
  name: string;
  role: Role;
  buckets?: string[];
  expires_at?: string;
}

export function useCreateAdminToken() {
  return useTokenChange((body: NewAdminToken) =>
    call<IssuedAdminToken>("POST", "/v1/admin-tokens", {
      body,
      headers: { "Idempotency-Key": newIdempotencyKey() },
    }),
  );
}

export function useRollAdminToken(id: string) {
  return useTokenChange((grace: string) =>
    call<IssuedAdminToken>("POST", `/v1/admin-tokens/${id}/roll`, {
      body: { grace },
      headers: { "Idempotency-Key": newIdempotencyKey() },
    }),
  );
}

export function useRevokeAdminToken(id: string) {
  return useTokenChange(() => call<void>("POST", `/v1/admin-tokens/${id}/revoke`, { body: {} }));
}

export interface AuditEntry {
  seq: number;
  at: string;
  actor: { kind: string; name: string; id?: string | null };
  address?: string | null;
  request_id?: string | null;
  action: string;
  target: { kind: string; id?: string | null; name?: string | null; bucket?: string | null };
  outcome: "done" | "refused";
  code?: string | null;
  before?: unknown;
  after?: unknown;
  hash: string;
}

export interface AuditFilter {
  actor?: string;
  action?: string;
  target?: string;
  bucket?: string;
  outcome?: string;
  from?: string;
  to?: string;
}

export function useAudit(filter: AuditFilter) {
  return useInfiniteQuery({
    queryKey: ["audit", filter],
    queryFn: ({ pageParam }) =>
      call<Page<AuditEntry>>("GET", "/v1/audit", { query: { ...filter, cursor: pageParam, limit: 50 } }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
  });
}

export interface AuditVerdict {
  ok: boolean;
  entries: number;
  first_bad_seq?: number | null;
  problem?: string | null;
}

export function useVerifyAudit() {
  return useMutation({ mutationFn: () => call<AuditVerdict>("POST", "/v1/audit/verify", { body: {} }) });
}

/** Where the filtered log can be downloaded as JSON Lines. The cookie goes along; nothing secret is in the address. */
export function auditExport(filter: AuditFilter): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(filter)) if (value) query.set(name, value);
  return `/v1/audit/export?${query}`;
}
