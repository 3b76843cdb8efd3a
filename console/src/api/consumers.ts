// Consumers: who holds keys.

import {
  keepPreviousData,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";
import { answer, api, call, newIdempotencyKey, type Schemas } from "./client";
import type { IssuedKey } from "./keys";

export type Consumer = Schemas["Consumer"] & { managers?: string[]; last_used?: string | null };
export type Bucket = Schemas["Bucket"];

export interface ConsumerFilter {
  q?: string;
  bucket?: string;
  state?: string;
  tag?: string;
  metadata?: string;
  sort?: string;
}

export interface Page<T> {
  data: T[];
  next_cursor?: string | null;
}

const PAGE = 50;

export function useBuckets() {
  return useQuery({
    queryKey: ["buckets"],
    queryFn: async () => (await answer(api.GET("/v1/buckets"))).data,
    staleTime: 60_000,
  });
}

/** Consumers of all buckets that match, a page at a time. */
export function useConsumers(filter: ConsumerFilter) {
  return useInfiniteQuery({
    queryKey: ["consumers", filter],
    queryFn: ({ pageParam }) =>
      call<Page<Consumer>>("GET", "/v1/consumers", { query: { ...filter, cursor: pageParam, limit: PAGE } }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
  });
}

/** The first few that match, for a search that answers while one types. */
export function useConsumerSearch(q: string) {
  return useQuery({
    queryKey: ["consumers", "search", q],
    queryFn: () => call<Page<Consumer>>("GET", "/v1/consumers", { query: { q, limit: 8 } }),
    enabled: q !== "",
    placeholderData: keepPreviousData,
  });
}

const one = (bucket: string, name: string) => ["consumer", bucket, name];

export function fetchConsumer(bucket: string, consumer: string): Promise<Consumer> {
  return answer(
    api.GET("/v1/buckets/{bucket}/consumers/{consumer}", { params: { path: { bucket, consumer } } }),
  );
}

export function useConsumer(bucket: string, name: string) {
  return useQuery({ queryKey: one(bucket, name), queryFn: () => fetchConsumer(bucket, name) });
}

export interface NewConsumer {
  bucket: string;
  name: string;
  subject?: string;
  tags?: Record<string, string>;
  metadata?: Record<string, unknown>;
  managers?: string[];
  key?: Schemas["CreateKey"];
}

export interface CreatedConsumer {
  consumer: Consumer;
  key?: IssuedKey | null;
}

/** One attempt at a creation: the same key goes with every repetition of it. */
export function useCreateConsumer() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ bucket, ...body }: NewConsumer) =>
      call<CreatedConsumer>("POST", `/v1/buckets/${encodeURIComponent(bucket)}/consumers`, {
        body,
        headers: { "Idempotency-Key": newIdempotencyKey() },
      }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["consumers"] }),
    gcTime: 0,
  });
}

export interface ConsumerChange {
  name?: string;
  subject?: string;
  state?: "active" | "disabled";
  tags?: Record<string, string | null>;
  metadata?: Record<string, unknown>;
  managers?: string[];
}

/** A change under the revision that was seen: `stale` if somebody else was there meanwhile. */
export function useUpdateConsumer(seen: Consumer) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ change, revision }: { change: ConsumerChange; revision: number }) =>
      call<Consumer>(
        "PATCH",
        `/v1/buckets/${encodeURIComponent(seen.bucket)}/consumers/${encodeURIComponent(seen.name)}`,
        { body: change, headers: { "If-Match": `"${revision}"` } },
      ),
    onSuccess: (consumer) => {
      queries.setQueryData(one(consumer.bucket, consumer.name), consumer);
      return queries.invalidateQueries({ queryKey: ["consumers"] });
    },
  });
}

export function useDeleteConsumer(seen: Consumer) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () =>
      answer(
        api.DELETE("/v1/buckets/{bucket}/consumers/{consumer}", {
          params: {
            path: { bucket: seen.bucket, consumer: seen.name },
            header: { "If-Match": `"${seen.revision}"` },
          },
        }),
      ),
    onSuccess: () => {
      queries.removeQueries({ queryKey: one(seen.bucket, seen.name) });
      return queries.invalidateQueries({ queryKey: ["consumers"] });
    },
  });
}
