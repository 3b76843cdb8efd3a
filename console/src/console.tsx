import { Center, Loader, MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { lazy, Suspense, useEffect } from "react";
import { Router } from "wouter";
import { whenSignedOut } from "./api/client";
import { Problem } from "./api/problem";
import { forget, useSession } from "./api/session";
import { NoticeProvider } from "./parts/notice";
import { ProblemAlert } from "./parts/problem";
import { styleNonce } from "./policy";
import { SessionContext } from "./session/context";
import { SignIn } from "./session/sign-in";
import { theme } from "./theme";

// One of the two is needed, by who has signed in.
const Shell = lazy(() => import("./shell/shell"));
const OwnShell = lazy(() => import("./own/shell"));

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      // A refusal stays one; what did not answer may do so a moment later.
      retry: (failures, problem) => problem instanceof Problem && problem.status >= 502 && failures < 2,
      networkMode: "always",
    },
    mutations: { networkMode: "always" },
  },
});

export function Console() {
  return (
    <MantineProvider theme={theme} defaultColorScheme="auto" getStyleNonce={() => styleNonce}>
      <QueryClientProvider client={queries}>
        <NoticeProvider>
          <Router base="/console">
            <Door />
          </Router>
        </NoticeProvider>
      </QueryClientProvider>
    </MantineProvider>
  );
}

/** Nothing but the sign-in page for those who are not signed in. */
function Door() {
  const session = useSession();
  useEffect(() => whenSignedOut(() => forget(queries)), []);
  if (session.isPending) return <Waiting />;
  if (session.error) {
    return (
      <Center h="100dvh" p="md">
        <ProblemAlert error={session.error} onRetry={() => void session.refetch()} />
      </Center>
    );
  }
  if (!session.data) return <SignIn />;
  return (
    <SessionContext value={session.data}>
      <Suspense fallback={<Waiting />}>{session.data.role === "manager" ? <OwnShell /> : <Shell />}</Suspense>
    </SessionContext>
  );
}

function Waiting() {
  return (
    <Center h="100dvh">
      <Loader aria-label="Loading" />
    </Center>
  );
}
