import { Alert, Button, Divider, Group, PasswordInput, Stack, Text, Title } from "@mantine/core";
import { KeyRound, LogIn } from "lucide-react";
import { type FormEvent, useState } from "react";
import { useSearch } from "wouter";
import { useSignIn, useSignInWays } from "../api/session";
import { Command } from "../parts/command";
import { ProblemAlert } from "../parts/problem";
import { Logo } from "../shell/logo";
import classes from "./sign-in.module.css";

/** Why the identity provider's way ended here again. */
const PROVIDER: Readonly<Record<string, string>> = {
  unavailable:
    "The identity provider cannot be reached. Sign in with an admin token, or try again in a moment.",
  refused: "The identity provider did not confirm the sign-in. Try again, or ask whoever runs it.",
  no_role: "You are known, but have no role here. Ask an owner to map one of your groups to a role.",
  expired: "It took too long, or began in another browser. Try again.",
};

/** The door. The token leaves this component only in the one request. */
export function SignIn() {
  const ways = useSignInWays();
  const signIn = useSignIn();
  const [token, setToken] = useState("");
  const problem = new URLSearchParams(useSearch()).get("problem") ?? "";
  const refused =
    problem === "no_role" && ways.data?.self_service
      ? `${PROVIDER.no_role} Or, to look after keys of your own, to name you as a manager of your consumer.`
      : PROVIDER[problem];
  const submit = (event: FormEvent) => {
    event.preventDefault();
    signIn.mutate(token.trim(), { onSettled: () => setToken("") });
  };
  return (
    <main className={classes.door}>
      <div className={`surface ${classes.card}`}>
        <Stack gap="lg">
          <Group gap="sm">
            <Logo size={36} />
            <div>
              <Title order={1} size="h3">
                Mintgate
              </Title>
              <Text c="dimmed" size="sm">
                {ways.data?.self_service
                  ? "Sign in to look after your keys"
                  : "Sign in to manage consumers and keys"}
              </Text>
            </div>
          </Group>
          {refused ? (
            <Alert color="red" title="Not signed in" role="alert">
              {refused}
            </Alert>
          ) : null}
          {ways.data?.oidc ? (
            <>
              <Button component="a" href={ways.data.oidc.href} size="md" leftSection={<LogIn size={18} />}>
                Sign in with {ways.data.oidc.name}
              </Button>
              <Divider label="or" />
            </>
          ) : null}
          <form onSubmit={submit}>
            <Stack gap="md">
              <PasswordInput
                label="Admin token"
                placeholder="mga_…"
                autoComplete="off"
                data-autofocus
                autoFocus
                leftSection={<KeyRound size={16} />}
                value={token}
                onChange={(event) => setToken(event.currentTarget.value)}
              />
              {signIn.error ? <ProblemAlert error={signIn.error} /> : null}
              <Button
                type="submit"
                size="md"
                variant={ways.data?.oidc ? "default" : "filled"}
                loading={signIn.isPending}
                disabled={!token.trim()}
              >
                Sign in
              </Button>
            </Stack>
          </form>
          <Stack gap={6}>
            <Text size="sm" c="dimmed">
              <span className="code">mintgate init</span> wrote the first token to a file. Later ones are made
              by an owner:
            </Text>
            <Command text="mintgate admin-tokens create NAME --role operator" />
            <Text size="xs" c="dimmed">
              The token is sent once and not kept in this browser.
            </Text>
          </Stack>
        </Stack>
      </div>
    </main>
  );
}
