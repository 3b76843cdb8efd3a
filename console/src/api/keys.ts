// Keys: what callers present. The text of a key is in the reply that makes it, and is forgotten with its dialog.

import {
  keepPreviousData,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";
import { answer, api, call, newIdempotencyKey, type Schemas } from "./client";
import type { Page } from "./consumers";

export type Key = Schemas["Key"] & { first_used?: string | null };
export type IssuedKey = Schemas["IssuedKey"];

export interface KeyFilter {
  bucket?: string;
  consumer?: string;
  state?: string;
  foreign?: boolean;
  expires_before?: string;
  unused_for?: string;
  q?: string;
}

/** Keys of all consumers that match, a page at a time. */
export function useKeys(filter: KeyFilter, limit = 50) {
  return useInfiniteQuery({
    queryKey: ["keys", filter, limit],
    queryFn: ({ pageParam }) =>
      call<Page<Key>>("GET", "/v1/keys", { query: { ...filter, cursor: pageParam, limit } }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
  });
}

export function useConsumerKeys(bucket: string, consumer: string) {
  return useInfiniteQuery({
    queryKey: ["keys", "of", bucket, consumer],
    queryFn: ({ pageParam }) =>
      answer(
        api.GET("/v1/buckets/{bucket}/consumers/{consumer}/keys", {
          params: {
            path: { bucket, consumer },
            query: { limit: 50, ...(pageParam ? { cursor: pageParam } : {}) },
          },
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });
}

export function useKey(id: string | undefined) {
  return useQuery({
    queryKey: ["key", id],
    queryFn: () => answer<Key>(api.GET("/v1/keys/{key_id}", { params: { path: { key_id: id ?? "" } } })),
    enabled: id !== undefined,
  });
}

function useAfterKeys() {
  const queries = useQueryClient();
  return async () => {
    await Promise.all(
      [["keys"], ["key"], ["consumers"]].map((queryKey) => queries.invalidateQueries({ queryKey })),
    );
  };
}

export function useCreateKey(bucket: string, consumer: string) {
  const after = useAfterKeys();
  return useMutation({
    mutationFn: (body: Schemas["CreateKey"]) =>
      call<IssuedKey>(
        "POST",
        `/v1/buckets/${encodeURIComponent(bucket)}/consumers/${encodeURIComponent(consumer)}/keys`,
        { body, headers: { "Idempotency-Key": newIdempotencyKey() } },
      ),
    onSuccess: after,
    gcTime: 0,
  });
}

export function useRollKey(id: string) {
  const after = useAfterKeys();
  return useMutation({
    mutationFn: (body: Schemas["RollKey"]) =>
      call<Schemas["RolledKeys"]>("POST", `/v1/keys/${id}/roll`, {
        body,
        headers: { "Idempotency-Key": newIdempotencyKey() },
      }),
    onSuccess: after,
    gcTime: 0,
  });
}

export function useRevokeKey(id: string) {
  const after = useAfterKeys();
  return useMutation({
    mutationFn: (reason: string) =>
      call<Key>("POST", `/v1/keys/${id}/revoke`, { body: reason ? { reason } : {} }),
    onSuccess: after,
  });
}

export interface Verdict {
  valid: boolean;
  reason?: string | null;
  key?: Key | null;
  consumer?: Schemas["Consumer"] | null;
  token?: {
    value?: string | null;
    header: Record<string, unknown>;
    claims: Record<string, unknown>;
  } | null;
}

/** What the gateway thinks of a key. The key is in the body of the request, never in an address, and not cached. */
export function useVerifyKey() {
  return useMutation({
    mutationFn: (body: { key: string; scopes?: string[]; origin?: string }) =>
      call<Verdict>("POST", "/v1/keys:verify", { body }),
    gcTime: 0,
  });
}

/** A change under the revision that was seen. */
export function useUpdateKey(id: string) {
  const after = useAfterKeys();
  return useMutation({
    mutationFn: ({ change, revision }: { change: Schemas["UpdateKey"]; revision: number }) =>
      call<Key>("PATCH", `/v1/keys/${id}`, { body: change, headers: { "If-Match": `"${revision}"` } }),
    onSuccess: after,
  });
}
