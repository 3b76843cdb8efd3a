import { useCallback } from "react";
import { useLocation, useSearch } from "wouter";

/** Filters that stand in the address, so that a view can be bookmarked and the way back works. Never for secrets. */
export function useFilters<K extends string>(names: readonly K[]) {
  const search = useSearch();
  const [location, go] = useLocation();
  const query = new URLSearchParams(search);
  const filters: Partial<Record<K, string>> = {};
  for (const name of names) {
    const value = query.get(name);
    if (value) filters[name] = value;
  }
  const set = useCallback(
    (change: Partial<Record<K, string | undefined>>) => {
      const next = new URLSearchParams(search);
      for (const [name, value] of Object.entries(change) as [string, string | undefined][]) {
        if (value) next.set(name, value);
        else next.delete(name);
      }
      const text = next.toString();
      go(text ? `${location}?${text}` : location, { replace: true });
    },
    [search, location, go],
  );
  return [filters, set] as const;
}
