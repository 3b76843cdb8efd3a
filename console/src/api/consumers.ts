// Consumers: who holds keys.

import {
  keepPreviousData,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";
import { answer, api, once, type Schemas } from "./client";
import type { paths } from "./generated";

export type Consumer = Schemas["Consumer"];

type FindConsumers = NonNullable<paths["/v1/consumers"]["get"]["parameters"]["query"]>;
export type ConsumerFilter = Omit<FindConsumers, "cursor" | "limit">;

const PAGE = 50;

/** Where a page starts; the first one starts nowhere. */
export function from(cursor: string | undefined): { cursor?: string } {
  return cursor ? { cursor } : {};
}

/** Consumers of all buckets that match, a page at a time. */
export function useConsumers(filter: ConsumerFilter) {
  return useInfiniteQuery({
    queryKey: ["consumers", filter],
    queryFn: ({ pageParam }) =>
      answer(api.GET("/v1/consumers", { params: { query: { ...filter, ...from(pageParam), limit: PAGE } } })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
  });
}

/** The first few that match, for a search that answers while one types. */
export function useConsumerSearch(q: string) {
  return useQuery({
    queryKey: ["consumers", "search", q],
    queryFn: () => answer(api.GET("/v1/consumers", { params: { query: { q, limit: 8 } } })),
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

export type NewConsumer = Schemas["CreateConsumer"] & { bucket: string };

/** One attempt at a creation: the same key goes with every repetition of it. */
export function useCreateConsumer() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ bucket, ...body }: NewConsumer) =>
      answer(api.POST("/v1/buckets/{bucket}/consumers", { params: { path: { bucket } }, ...once(), body })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["consumers"] }),
    gcTime: 0,
  });
}

export type ConsumerChange = Schemas["UpdateConsumer"];

/** A change under the revision that was seen: `stale` if somebody else was there meanwhile. */
export function useUpdateConsumer(seen: Consumer) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ change, revision }: { change: ConsumerChange; revision: number }) =>
      answer(
        api.PATCH("/v1/buckets/{bucket}/consumers/{consumer}", {
          params: {
            path: { bucket: seen.bucket, consumer: seen.name },
            header: { "If-Match": `"${revision}"` },
          },
          body: change,
        }),
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
