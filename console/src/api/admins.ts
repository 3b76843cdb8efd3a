// Admin tokens, and the log of what admins did.

import {
  keepPreviousData,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";
import { answer, api, once, type Schemas } from "./client";
import { from } from "./consumers";
import type { paths } from "./generated";

export type AdminToken = Schemas["AdminToken"];

export function useAdminTokens() {
  return useQuery({
    queryKey: ["admin-tokens"],
    queryFn: async () => (await answer(api.GET("/v1/admin-tokens"))).data,
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

export function useCreateAdminToken() {
  return useTokenChange((body: Schemas["CreateAdminToken"]) =>
    answer(api.POST("/v1/admin-tokens", { ...once(), body })),
  );
}

export function useRollAdminToken(id: string) {
  return useTokenChange((grace: string) =>
    answer(
      api.POST("/v1/admin-tokens/{token_id}/roll", {
        params: { path: { token_id: id } },
        ...once(),
        body: { grace },
      }),
    ),
  );
}

export function useRevokeAdminToken(id: string) {
  return useTokenChange(() =>
    answer(api.POST("/v1/admin-tokens/{token_id}/revoke", { params: { path: { token_id: id } } })),
  );
}

export type AuditEntry = Schemas["AuditEntry"];

type ListAudit = NonNullable<paths["/v1/audit"]["get"]["parameters"]["query"]>;
export type AuditFilter = Omit<ListAudit, "cursor" | "limit">;

export function useAudit(filter: AuditFilter) {
  return useInfiniteQuery({
    queryKey: ["audit", filter],
    queryFn: ({ pageParam }) =>
      answer(api.GET("/v1/audit", { params: { query: { ...filter, ...from(pageParam), limit: 50 } } })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
  });
}

export type AuditVerdict = Schemas["AuditVerdict"];

export function useVerifyAudit() {
  return useMutation({ mutationFn: () => answer(api.POST("/v1/audit/verify", { body: {} })) });
}

/** Where the filtered log can be downloaded as JSON Lines. The cookie goes along; nothing secret is in the address. */
export function auditExport(filter: AuditFilter): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(filter)) if (value) query.set(name, value);
  return `/v1/audit/export?${query}`;
}
