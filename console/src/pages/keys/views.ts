// The filters of the list of keys as they stand in the address, and the views that are a few of them.

import type { KeyFilter } from "../../api/keys";
import { daysFromNow } from "../../format/time";
import { defined, oneOf } from "../../parts/address";

export const FILTERS = ["q", "bucket", "consumer", "state", "foreign", "unused_for", "ends_within"] as const;

export type Typed = Partial<Record<(typeof FILTERS)[number], string>>;

export const STATES = ["active", "rolled", "expired", "revoked"] as const;

interface View {
  value: string;
  label: string;
  about: string;
  filters: Typed;
  command: string;
}

export const VIEWS: readonly View[] = [
  {
    value: "all",
    label: "All",
    about: "Every key of every consumer",
    filters: {},
    command: "mintgate keys list",
  },
  {
    value: "expiring",
    label: "Expiring",
    about: "Active keys that end within 14 days: roll them before their holders notice",
    filters: { state: "active", ends_within: "14" },
    command: "mintgate keys list --state active --expires-before 14d",
  },
  {
    value: "unused",
    label: "Unused",
    about: "Active keys that nobody used for 90 days: candidates for revoking",
    filters: { state: "active", unused_for: "90d" },
    command: "mintgate keys list --unused-for 90d",
  },
  {
    value: "foreign",
    label: "Foreign",
    about: "Keys of another system that were imported and not rolled yet",
    filters: { foreign: "true" },
    command: "mintgate keys list --foreign",
  },
  {
    value: "revoked",
    label: "Revoked",
    about: "Keys that were ended, and why",
    filters: { state: "revoked" },
    command: "mintgate keys list --state revoked",
  },
];

const OF_VIEWS = ["state", "foreign", "unused_for", "ends_within"] as const;

/** The view that these filters are; what is looked for within it does not matter. */
export function viewOf(filters: Typed): View | undefined {
  return VIEWS.find((view) => OF_VIEWS.every((name) => view.filters[name] === filters[name]));
}

/** Where a view stands. */
export function viewAddress(name: string): string {
  const view = VIEWS.find(({ value }) => value === name);
  return `/keys?${new URLSearchParams(view?.filters as Record<string, string>)}`;
}

/** The filters of a view, and nothing of another one. */
export function filtersOf(name: string): Record<(typeof OF_VIEWS)[number], string | undefined> {
  const { filters = {} as Typed } = VIEWS.find(({ value }) => value === name) ?? {};
  return {
    state: filters.state,
    foreign: filters.foreign,
    unused_for: filters.unused_for,
    ends_within: filters.ends_within,
  };
}

/** As the admin API takes it. */
export function asked(filters: Typed, now = Date.now()): KeyFilter {
  const { state, foreign, ends_within, ...rest } = filters;
  const days = Number(ends_within);
  return {
    ...rest,
    ...defined({
      state: oneOf(state, STATES),
      foreign: foreign === undefined ? undefined : foreign === "true",
      expires_before: days > 0 ? daysFromNow(days, now) : undefined,
    }),
  };
}
