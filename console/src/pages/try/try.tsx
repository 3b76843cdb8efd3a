import {
  Alert,
  Autocomplete,
  Button,
  Group,
  PasswordInput,
  SimpleGrid,
  Stack,
  TagsInput,
  Text,
} from "@mantine/core";
import { CircleCheck, CircleX } from "lucide-react";
import { type FormEvent, useEffect, useState } from "react";
import { Link } from "wouter";
import { useRunningConfig } from "../../api/installation";
import { useVerifyKey, type Verdict } from "../../api/keys";
import { fieldProblem } from "../../api/problem";
import { Command } from "../../parts/command";
import { JsonText } from "../../parts/json-text";
import { Page } from "../../parts/page";
import { ProblemAlert } from "../../parts/problem";
import { SecretText } from "../../parts/secret-text";
import { Section } from "../../parts/section";
import { useAdmin } from "../../session/context";
import { consumerAddress } from "../consumers/row";
import { receiveHandedKeys } from "./handed";

/** What becomes of a key: whether it works, why not, and the token that an origin would see. */
export default function TryIt() {
  const [key, setKey] = useState("");
  const [origin, setOrigin] = useState("");
  const [scopes, setScopes] = useState<string[]>([]);
  const verify = useVerifyKey();
  const { may } = useAdmin();
  const config = useRunningConfig(may.survey);
  const origins = ((config.data?.settings.origin ?? []) as { name: string }[]).map(({ name }) => name);
  useEffect(() => receiveHandedKeys(setKey), []);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    verify.mutate({
      key: key.trim(),
      ...(origin ? { origin } : {}),
      ...(scopes.length ? { scopes } : {}),
    });
  };
  return (
    <Page
      title="Try it"
      about="Present a key as a caller would, and see what the gateway makes of it. Nothing is forwarded."
    >
      <Section>
        <form onSubmit={submit}>
          <Stack gap="md">
            <PasswordInput
              label="Key"
              description="It goes to the gateway in the body of one request, and is not kept"
              autoComplete="off"
              placeholder="mgk_…"
              value={key}
              error={fieldProblem(verify.error, "key")}
              onChange={(event) => setKey(event.currentTarget.value)}
            />
            <SimpleGrid cols={{ base: 1, sm: 2 }}>
              <Autocomplete
                label="Origin"
                description="To see the token that it would get"
                data={origins}
                value={origin}
                error={fieldProblem(verify.error, "origin")}
                onChange={setOrigin}
              />
              <TagsInput
                label="Scopes"
                description="That the route asks for"
                value={scopes}
                splitChars={[" ", ","]}
                error={fieldProblem(verify.error, "scopes")}
                onChange={setScopes}
              />
            </SimpleGrid>
            {verify.error ? <ProblemAlert error={verify.error} shown={["key", "origin", "scopes"]} /> : null}
            <Group>
              <Button type="submit" loading={verify.isPending} disabled={!key.trim()}>
                Present it
              </Button>
            </Group>
          </Stack>
        </form>
      </Section>
      {verify.data ? (
        <Outcome verdict={verify.data} />
      ) : (
        <Command text="mintgate keys verify --origin ORIGIN < key.txt" />
      )}
    </Page>
  );
}

function Outcome({ verdict }: { verdict: Verdict }) {
  const { valid, reason, consumer, key, token } = verdict;
  return (
    <Stack gap="lg">
      <Alert
        color={valid ? "mint" : "red"}
        icon={valid ? <CircleCheck size={20} /> : <CircleX size={20} />}
        title={valid ? "The gateway lets it through" : "The gateway refuses it"}
        role="status"
      >
        {reason ? (
          <Text size="sm">
            Reason: <span className="code">{reason}</span>. A caller would only see a 401 or 403.
          </Text>
        ) : null}
        {consumer ? (
          <Text size="sm" className="plain">
            Key <span className="code">{key?.id}</span> of{" "}
            <Link className="row-link" href={consumerAddress(consumer)}>
              {consumer.name}
            </Link>
          </Text>
        ) : null}
      </Alert>
      {token ? (
        <Section title="The token" about="What the origin gets instead of the key">
          <Stack gap="md">
            {token.value ? <SecretText text={token.value} /> : null}
            <SimpleGrid cols={{ base: 1, md: 2 }}>
              <JsonText title="Header" value={token.header} />
              <JsonText title="Claims" value={token.claims} />
            </SimpleGrid>
          </Stack>
        </Section>
      ) : null}
    </Stack>
  );
}
