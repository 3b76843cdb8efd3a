import { createContext, useContext } from "react";
import { rights, type Session } from "../api/session";

export const SessionContext = createContext<Session | null>(null);

/** Who is signed in, and what they may do. Only below the sign-in page's door. */
export function useAdmin() {
  const session = useContext(SessionContext);
  if (!session) throw new Error("nobody is signed in here");
  return { session, may: rights(session) };
}
