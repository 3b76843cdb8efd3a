// Which keys a bulk revocation is about, as a form holds it.

import type { KeySelection } from "../../api/keys";
import type { Typed } from "./views";

export interface Selection {
  bucket?: string;
  consumer?: string;
  tag?: string;
  label?: string;
  foreign?: string;
  unused_for?: string;
  /** A day. */
  created_before?: string;
  /** Key ids, between white space or commas. */
  ids?: string;
}

const SHARED = ["bucket", "consumer", "foreign", "unused_for"] as const;

/** Where keys are revoked by a selection that begins with the filters of a list. */
export function revokeManyAddress(filters: Typed): string {
  const query = new URLSearchParams();
  for (const name of SHARED) if (filters[name]) query.set(name, filters[name]);
  const text = query.toString();
  return text ? `/keys/revoke?${text}` : "/keys/revoke";
}

/** A selection out of an address. */
export function selectionIn(search: string): Selection {
  const query = new URLSearchParams(search);
  const there = SHARED.map((name) => [name, query.get(name)] as const).filter(([, value]) => value);
  return Object.fromEntries(there) as Selection;
}

/** As the admin API takes it: only what is said. */
export function filterOf(selection: Selection): KeySelection {
  const { foreign, ids, created_before, ...rest } = selection;
  const named = (ids ?? "").split(/[\s,]+/).filter(Boolean);
  const said = Object.entries(rest).filter(([, value]) => value?.trim());
  return {
    ...(Object.fromEntries(said.map(([name, value]) => [name, value?.trim()])) as KeySelection),
    ...(foreign ? { foreign: foreign === "true" } : {}),
    ...(created_before ? { created_before: `${created_before}T00:00:00Z` } : {}),
    ...(named.length ? { ids: named } : {}),
  };
}

/** Whether anything is said; without, it would be every key that there is, which the admin API refuses. */
export function saysSomething(filter: KeySelection): boolean {
  return Object.keys(filter).length > 0;
}
