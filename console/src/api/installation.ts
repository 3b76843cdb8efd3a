// The installation: signing keys, status, configuration.

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { answer, api, once, type Schemas } from "./client";

export type SigningKey = Schemas["SigningKey"];

export function useStatus() {
  return useQuery({
    queryKey: ["status"],
    queryFn: () => answer(api.GET("/v1/status")),
    refetchInterval: 30_000,
  });
}

export function useSigningKeys() {
  return useQuery({
    queryKey: ["signing-keys"],
    queryFn: async () => (await answer(api.GET("/v1/signing-keys"))).data,
    refetchInterval: 30_000,
  });
}

function useAfterSigningKeys() {
  const queries = useQueryClient();
  return async () => {
    await Promise.all(
      [["signing-keys"], ["status"]].map((queryKey) => queries.invalidateQueries({ queryKey })),
    );
  };
}

export function useRotate() {
  const after = useAfterSigningKeys();
  return useMutation({
    mutationFn: (emergency: boolean) =>
      answer(api.POST("/v1/signing-keys/rotate", { ...once(), body: { emergency } })),
    onSuccess: after,
  });
}

export function useRetire() {
  const after = useAfterSigningKeys();
  return useMutation({
    mutationFn: (kid: string) =>
      answer(api.POST("/v1/signing-keys/{kid}/retire", { params: { path: { kid } } })),
    onSuccess: after,
  });
}

export function useRunningConfig(enabled = true) {
  return useQuery({
    queryKey: ["config"],
    queryFn: () => answer(api.GET("/v1/config")),
    enabled,
  });
}
