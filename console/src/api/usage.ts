// What keys were used for.

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { answer, api, type Schemas } from "./client";

export type ByStatus = Schemas["ByStatus"];

export interface UsageOf {
  bucket?: string;
  consumer?: string;
  key_id?: string;
}

export type Period = "24h" | "7d" | "30d" | "90d";

const HOURS: Readonly<Record<Period, number>> = { "24h": 24, "7d": 168, "30d": 720, "90d": 2160 };

/** From when to when, and in which steps: hours up to a week, days beyond. */
export function span(period: Period, now = Date.now()) {
  const hour = 3_600_000;
  const step: "hour" | "day" = HOURS[period] <= 168 ? "hour" : "day";
  const length = step === "hour" ? hour : 24 * hour;
  const to = Math.floor(now / length) * length + length;
  const iso = (at: number) => new Date(at).toISOString().replace(/\.\d+Z$/, "Z");
  return { from: iso(to - HOURS[period] * hour), to: iso(to), step };
}

export function useUsage(of: UsageOf, period: Period) {
  return useQuery({
    queryKey: ["usage", of, period],
    queryFn: () => answer(api.GET("/v1/usage", { params: { query: { ...of, ...span(period) } } })),
    placeholderData: keepPreviousData,
    refetchInterval: 30_000,
  });
}

export function useTop(by: "consumer" | "key", period: Period, limit = 6) {
  return useQuery({
    queryKey: ["usage", "top", by, period, limit],
    queryFn: async () => {
      const { from, to } = span(period);
      return (await answer(api.GET("/v1/usage/top", { params: { query: { by, from, to, limit } } }))).data;
    },
    placeholderData: keepPreviousData,
  });
}

export function useRefusals(period: Period) {
  return useQuery({
    queryKey: ["usage", "refusals", period],
    queryFn: () => answer(api.GET("/v1/usage/refusals", { params: { query: span(period) } })),
    placeholderData: keepPreviousData,
  });
}
