// What the managers of consumers may ask for: their own consumers, and the keys of those.

import {
  keepPreviousData,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";
import { answer, api, once, type Schemas } from "./client";
import { from } from "./consumers";
import type { Key } from "./keys";
import { type Period, span, type UsageOf } from "./usage";

export type OwnConsumer = Schemas["OwnConsumer"];

export function useOwnConsumers() {
  return useInfiniteQuery({
    queryKey: ["own", "consumers"],
    queryFn: ({ pageParam }) =>
      answer(api.GET("/v1/self/consumers", { params: { query: { ...from(pageParam), limit: 20 } } })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });
}

export function useOwnKeys({ bucket, name }: OwnConsumer) {
  return useInfiniteQuery({
    queryKey: ["own", "keys", bucket, name],
    queryFn: ({ pageParam }) =>
      answer(
        api.GET("/v1/self/keys", {
          params: { query: { bucket, consumer: name, ...from(pageParam), limit: 50 } },
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });
}

export function useOwnKey(id: string) {
  return useQuery({
    queryKey: ["own", "key", id],
    queryFn: () => answer<Key>(api.GET("/v1/self/keys/{key_id}", { params: { path: { key_id: id } } })),
  });
}

export function useRollOwnKey(id: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (grace: string) =>
      answer(
        api.POST("/v1/self/keys/{key_id}/roll", {
          params: { path: { key_id: id } },
          ...once(),
          body: { grace },
        }),
      ),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["own"] }),
    gcTime: 0,
  });
}

export function useOwnUsage(of: UsageOf, period: Period) {
  return useQuery({
    queryKey: ["own", "usage", of, period],
    queryFn: () => answer(api.GET("/v1/self/usage", { params: { query: { ...of, ...span(period) } } })),
    placeholderData: keepPreviousData,
    refetchInterval: 30_000,
  });
}
