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

/** One of the words that are known; anything else that stands in an address is as if it were not there. */
export function oneOf<W extends string>(text: string | undefined, words: readonly W[]): W | undefined {
  return words.find((known) => known === text);
}

/** Without the members that are not there. */
export function defined<T extends object>(members: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const there = Object.entries(members).filter(([, value]) => value !== undefined);
  return Object.fromEntries(there) as { [K in keyof T]?: Exclude<T[K], undefined> };
}
