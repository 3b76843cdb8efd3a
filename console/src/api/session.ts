// Who is signed in. The admin token goes to the gateway once and is forgotten here; what remains is a cookie that no
// script can read.

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { answer, api, keepCsrfToken, type Schemas } from "./client";
import { Problem } from "./problem";

export type Role = Schemas["Role"];
export type Session = Schemas["Session"];

const SESSION = ["session"];

/** The session of this browser; `null` when there is none. */
export function useSession() {
  return useQuery({
    queryKey: SESSION,
    queryFn: async (): Promise<Session | null> => {
      try {
        return remember(await answer(api.GET("/v1/session")));
      } catch (problem) {
        if (problem instanceof Problem && problem.status === 401) return null;
        throw problem;
      }
    },
    staleTime: Number.POSITIVE_INFINITY,
  });
}

export function useSignInWays() {
  return useQuery({
    queryKey: ["sign-in"],
    queryFn: () => answer(api.GET("/v1/sign-in")),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

export function useSignIn() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (token: string) => answer(api.POST("/v1/session", { body: { token } })),
    onSuccess: (session) => queries.setQueryData(SESSION, remember(session)),
    // The token must not stay behind as the mutation's variable.
    gcTime: 0,
  });
}

export function useSignOut() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => answer(api.DELETE("/v1/session")),
    onSettled: () => forget(queries),
  });
}

/** Everything that was shown to the one who was signed in goes. */
export function forget(queries: ReturnType<typeof useQueryClient>): void {
  keepCsrfToken(undefined);
  queries.removeQueries({ predicate: (query) => query.queryKey[0] !== SESSION[0] });
  queries.setQueryData(SESSION, null);
}

function remember(session: Session): Session {
  keepCsrfToken(session.csrf_token);
  return session;
}

/** What a role may do. The gateway decides; this only keeps us from offering what it would refuse. */
export function rights(session: Session) {
  const { role, buckets } = session;
  const everywhere = buckets === undefined;
  return {
    /** Consumers and keys. */
    manage: role === "owner" || role === "operator",
    /** What the new keys of its buckets begin with. */
    prefix: role === "owner",
    /** Buckets, signing keys, admin tokens. */
    own: role === "owner" && everywhere,
    /** The audit log. */
    inspect: role === "owner" || role === "auditor",
    /** What concerns the whole installation: configuration, admin tokens, the chain of the audit log. */
    survey: (role === "owner" || role === "auditor") && everywhere,
  };
}
