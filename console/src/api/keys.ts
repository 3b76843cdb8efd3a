// Keys: what callers present. The text of a key is in the reply that makes it, and is forgotten with its dialog.

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

export type Key = Schemas["Key"];
export type IssuedKey = Schemas["IssuedKey"];

type ListKeys = NonNullable<paths["/v1/keys"]["get"]["parameters"]["query"]>;
export type KeyFilter = Omit<ListKeys, "cursor" | "limit">;

/** Keys of all consumers that match, a page at a time. */
export function useKeys(filter: KeyFilter, limit = 50) {
  return useInfiniteQuery({
    queryKey: ["keys", filter, limit],
    queryFn: ({ pageParam }) =>
      answer(api.GET("/v1/keys", { params: { query: { ...filter, ...from(pageParam), limit } } })),
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
            query: { limit: 50, ...from(pageParam) },
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
      answer(
        api.POST("/v1/buckets/{bucket}/consumers/{consumer}/keys", {
          params: { path: { bucket, consumer } },
          ...once(),
          body,
        }),
      ),
    onSuccess: after,
    gcTime: 0,
  });
}

export function useRollKey(id: string) {
  const after = useAfterKeys();
  return useMutation({
    mutationFn: (body: Schemas["RollKey"]) =>
      answer(api.POST("/v1/keys/{key_id}/roll", { params: { path: { key_id: id } }, ...once(), body })),
    onSuccess: after,
    gcTime: 0,
  });
}

export function useRevokeKey(id: string) {
  const after = useAfterKeys();
  return useMutation({
    mutationFn: (reason: string) =>
      answer(
        api.POST("/v1/keys/{key_id}/revoke", {
          params: { path: { key_id: id } },
          body: reason ? { reason } : {},
        }),
      ),
    onSuccess: after,
  });
}

/** One new key in place of all active ones of a consumer. */
export function useRollAll(bucket: string, consumer: string) {
  const after = useAfterKeys();
  return useMutation({
    mutationFn: (body: Schemas["RollKeys"]) =>
      answer(
        api.POST("/v1/buckets/{bucket}/consumers/{consumer}/roll", {
          params: { path: { bucket, consumer } },
          ...once(),
          body,
        }),
      ),
    onSuccess: after,
    gcTime: 0,
  });
}

export type KeySelection = Schemas["KeySelection"];

/** What a selection would end; nothing is done. */
export function usePreviewRevocation() {
  return useMutation({
    mutationFn: (filter: KeySelection) =>
      answer(api.POST("/v1/keys:revoke", { body: { filter, dry_run: true } })),
  });
}

export function useRevokeKeys() {
  const after = useAfterKeys();
  return useMutation({
    mutationFn: ({ filter, reason }: { filter: KeySelection; reason: string }) =>
      answer(
        api.POST("/v1/keys:revoke", {
          body: { filter, dry_run: false, ...(reason ? { reason } : {}) },
        }),
      ),
    onSuccess: after,
  });
}

export type Verdict = Schemas["VerifiedKey"];

/** What the gateway thinks of a key. The key is in the body of the request, never in an address, and not cached. */
export function useVerifyKey() {
  return useMutation({
    mutationFn: (body: Schemas["VerifyKey"]) => answer(api.POST("/v1/keys:verify", { body })),
    gcTime: 0,
  });
}

/** A change under the revision that was seen. */
export function useUpdateKey(id: string) {
  const after = useAfterKeys();
  return useMutation({
    mutationFn: ({ change, revision }: { change: Schemas["UpdateKey"]; revision: number }) =>
      answer(
        api.PATCH("/v1/keys/{key_id}", {
          params: { path: { key_id: id }, header: { "If-Match": `"${revision}"` } },
          body: change,
        }),
      ),
    onSuccess: after,
  });
}
