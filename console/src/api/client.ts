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

/** One attempt at a creation: repeated on the way, it still happens once. Spread it beside `params`. */
export function once() {
  return { headers: { "Idempotency-Key": crypto.randomUUID() } };
}
