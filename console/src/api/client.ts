// The one way to the admin API: same origin, session cookie, and the CSRF token on everything that changes something.
// The CSRF token lives in this module's memory only; the admin token is never kept at all.

import createClient from "openapi-fetch";
import type { components, paths } from "./generated";
import { Problem, unreachable } from "./problem";

export type Schemas = components["schemas"];

let csrfToken: string | undefined;
let onSignedOut: () => void = () => {};

export function keepCsrfToken(token: string | undefined): void {
  csrfToken = token;
}

/** Says what to do when the session turns out to have ended. */
export function whenSignedOut(then: () => void): void {
  onSignedOut = then;
}

export const api = createClient<paths>({ baseUrl: "", credentials: "same-origin", cache: "no-store" });

api.use({
  onRequest({ request }) {
    if (csrfToken && !["GET", "HEAD"].includes(request.method))
      request.headers.set("X-CSRF-Token", csrfToken);
    return request;
  },
  onResponse({ request, response }) {
    const signingIn = new URL(request.url).pathname === "/v1/session";
    if (response.status === 401 && !signingIn) onSignedOut();
  },
  onError() {
    return unreachable();
  },
});

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** What was asked for, or a [`Problem`]. */
export async function answer<T>(asked: Promise<Answer<T>>): Promise<T> {
  const { data, error, response } = await asked;
  if (!response.ok) throw new Problem(response.status, typeof error === "object" && error ? error : {});
  return data as T;
}

/** For a creation that must happen once, however often it is sent. */
export function newIdempotencyKey(): string {
  return crypto.randomUUID();
}

type Query = Record<string, string | number | boolean | undefined>;

interface Asked {
  query?: Query;
  body?: unknown;
  headers?: Record<string, string>;
}

/** A request that the generated types have no path for. */
export async function call<T>(method: string, path: string, asked: Asked = {}): Promise<T> {
  const url = new URL(path, window.location.origin);
  for (const [name, value] of Object.entries(asked.query ?? {})) {
    if (value !== undefined && value !== "") url.searchParams.set(name, String(value));
  }
  const headers = new Headers(asked.headers);
  if (asked.body !== undefined) headers.set("Content-Type", "application/json");
  if (csrfToken && method !== "GET") headers.set("X-CSRF-Token", csrfToken);
  const body = asked.body === undefined ? null : JSON.stringify(asked.body);
  const response = await fetch(url, {
    method,
    headers,
    body,
    credentials: "same-origin",
    cache: "no-store",
  }).catch(() => {
    throw unreachable();
  });
  const text = await response.text();
  const value = text ? (JSON.parse(text) as unknown) : undefined;
  if (response.ok) return value as T;
  if (response.status === 401 && path !== "/v1/session") onSignedOut();
  throw new Problem(response.status, typeof value === "object" && value ? value : {});
}
