// Buckets: namespaces of consumers.

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { answer, api, once, type Schemas } from "./client";

export type Bucket = Schemas["Bucket"];

export function useBuckets() {
  return useQuery({
    queryKey: ["buckets"],
    queryFn: async () => (await answer(api.GET("/v1/buckets"))).data,
    staleTime: 60_000,
  });
}

function useBucketChange<V, R>(change: (value: V) => Promise<R>) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSuccess: () => queries.invalidateQueries({ queryKey: ["buckets"] }),
  });
}

export function useCreateBucket() {
  return useBucketChange((body: Schemas["CreateBucket"]) =>
    answer(api.POST("/v1/buckets", { ...once(), body })),
  );
}

/** What is named, as it was seen: `stale` if somebody else was there meanwhile. */
function under({ name, revision }: Bucket) {
  return { path: { bucket: name }, header: { "If-Match": `"${revision}"` } };
}

export function useUpdateBucket(seen: Bucket) {
  return useBucketChange((prefix: string) =>
    answer(api.PATCH("/v1/buckets/{bucket}", { params: under(seen), body: { prefix } })),
  );
}

export function useDeleteBucket(seen: Bucket) {
  return useBucketChange(() => answer(api.DELETE("/v1/buckets/{bucket}", { params: under(seen) })));
}
