import { Button, Divider, Group, PasswordInput, Stack, Text, Title } from "@mantine/core";
import { KeyRound, LogIn } from "lucide-react";
import { type FormEvent, useState } from "react";
import { useSignIn, useSignInWays } from "../api/session";
import { Command } from "../parts/command";
import { ProblemAlert } from "../parts/problem";
import { Logo } from "../shell/logo";
import classes from "./sign-in.module.css";

/** The door. The token leaves this component only in the one request. */
export function SignIn() {
  const ways = useSignInWays();
  const signIn = useSignIn();
  const [token, setToken] = useState("");
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
                Sign in to manage consumers and keys
              </Text>
            </div>
          </Group>
          {ways.data?.oidc ? (
            <>
              <Button component="a" href="/v1/session/oidc" size="md" leftSection={<LogIn size={18} />}>
                Sign in with {ways.data.oidc.name ?? "single sign-on"}
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
            <Command text="mintgate admin-tokens create --name NAME --role operator" />
            <Text size="xs" c="dimmed">
              The token is sent once and not kept in this browser.
            </Text>
          </Stack>
        </Stack>
      </div>
    </main>
  );
}
