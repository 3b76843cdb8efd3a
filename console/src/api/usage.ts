// What keys were used for.

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { call } from "./client";

export interface ByStatus {
  "2xx": number;
  "3xx": number;
  "4xx": number;
  "5xx": number;
}

export interface UsagePoint {
  at: string;
  requests: number;
  by_status: ByStatus;
  refused: number;
}

export interface Usage {
  step: "hour" | "day";
  from: string;
  to: string;
  points: UsagePoint[];
  totals: Omit<UsagePoint, "at">;
}

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
    queryFn: () => call<Usage>("GET", "/v1/usage", { query: { ...of, ...span(period) } }),
    placeholderData: keepPreviousData,
    refetchInterval: 30_000,
  });
}

export interface TopItem {
  consumer: { bucket: string; name: string };
  key_id?: string;
  requests: number;
  by_status: ByStatus;
}

export function useTop(by: "consumer" | "key", period: Period, limit = 6) {
  return useQuery({
    queryKey: ["usage", "top", by, period, limit],
    queryFn: async () => {
      const { from, to } = span(period);
      return (await call<{ data: TopItem[] }>("GET", "/v1/usage/top", { query: { by, from, to, limit } }))
        .data;
    },
    placeholderData: keepPreviousData,
  });
}

export interface Refusals {
  points: { at: string; by_reason: Record<string, number> }[];
  totals: Record<string, number>;
}

export function useRefusals(period: Period) {
  return useQuery({
    queryKey: ["usage", "refusals", period],
    queryFn: () => call<Refusals>("GET", "/v1/usage/refusals", { query: { ...span(period) } }),
    placeholderData: keepPreviousData,
  });
}
