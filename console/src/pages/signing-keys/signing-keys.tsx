import { Alert, Badge, Button, Group, Skeleton, Stack, Table, Text } from "@mantine/core";
import { RefreshCw, Siren } from "lucide-react";
import { useState } from "react";
import { type SigningKey, useRetire, useRotate, useSigningKeys } from "../../api/installation";
import { absolute } from "../../format/time";
import { Command } from "../../parts/command";
import { Confirm } from "../../parts/confirm";
import { useNotice } from "../../parts/notice";
import { Page } from "../../parts/page";
import { ProblemAlert } from "../../parts/problem";
import { Section } from "../../parts/section";
import { When } from "../../parts/when";
import { useAdmin } from "../../session/context";
import { STATE_COLOURS, useNextRotation } from "./states";
import { Timeline } from "./timeline";

type Task = { what: "rotate" } | { what: "emergency" } | { what: "retire"; kid: string };

/** What signs tokens: what did, what does, and what will. */
export default function SigningKeys() {
  const keys = useSigningKeys();
  const next = useNextRotation(keys.data);
  const { may } = useAdmin();
  const [task, setTask] = useState<Task>();
  return (
    <Page
      title="Signing keys"
      about={
        next ? (
          <>
            The next rotation begins <When at={next} />
          </>
        ) : (
          "What signs tokens, and what verifiers fetch"
        )
      }
      actions={
        may.own ? (
          <>
            <Button leftSection={<RefreshCw size={16} />} onClick={() => setTask({ what: "rotate" })}>
              Rotate
            </Button>
            <Button
              color="red"
              variant="light"
              leftSection={<Siren size={16} />}
              onClick={() => setTask({ what: "emergency" })}
            >
              Emergency
            </Button>
          </>
        ) : null
      }
    >
      {keys.error ? <ProblemAlert error={keys.error} onRetry={() => void keys.refetch()} /> : null}
      {keys.isPending && !keys.error ? <Skeleton height={220} /> : null}
      {keys.data ? (
        <>
          <Section
            title="Timeline"
            about="A key is published before it signs, and stays until its last token has expired"
          >
            <Timeline keys={keys.data} {...(next ? { next } : {})} />
          </Section>
          <Section title="Keys" flush>
            <List
              keys={keys.data}
              onRetire={may.own ? (kid) => setTask({ what: "retire", kid }) : undefined}
            />
          </Section>
        </>
      ) : null}
      <Command text="mintgate signing-keys list" />
      {task ? <Ask task={task} onClose={() => setTask(undefined)} /> : null}
    </Page>
  );
}

function List({ keys, onRetire }: { keys: SigningKey[]; onRetire: ((kid: string) => void) | undefined }) {
  return (
    <Table verticalSpacing="sm" horizontalSpacing="md">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Kid</Table.Th>
          <Table.Th>State</Table.Th>
          <Table.Th visibleFrom="sm">Algorithm</Table.Th>
          <Table.Th visibleFrom="sm">Created</Table.Th>
          <Table.Th visibleFrom="md">Leaves the JWKS</Table.Th>
          <Table.Th aria-label="Actions" />
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {[...keys].reverse().map((key) => (
          <Table.Tr key={key.kid}>
            <Table.Td className="code">{key.kid}</Table.Td>
            <Table.Td>
              <Badge variant="light" color={STATE_COLOURS[key.state]}>
                {key.state}
              </Badge>
              <Text size="xs" c="dimmed">
                since <When at={key.since} />
              </Text>
            </Table.Td>
            <Table.Td visibleFrom="sm">{key.algorithm}</Table.Td>
            <Table.Td visibleFrom="sm">
              <When at={key.created} />
            </Table.Td>
            <Table.Td visibleFrom="md">
              {key.until ? absolute(key.until) : key.state === "retired" ? "gone" : "–"}
            </Table.Td>
            <Table.Td w={90}>
              {onRetire && key.state !== "retired" && key.state !== "active" ? (
                <Button size="compact-xs" variant="subtle" color="red" onClick={() => onRetire(key.kid)}>
                  Retire
                </Button>
              ) : null}
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

function Ask({ task, onClose }: { task: Task; onClose: () => void }) {
  const rotate = useRotate();
  const retire = useRetire();
  const say = useNotice();
  if (task.what === "retire") {
    return (
      <Confirm
        title="Retire this signing key?"
        action="Retire"
        color="red"
        typed={task.kid.slice(0, 8)}
        busy={retire.isPending}
        error={retire.error}
        onClose={onClose}
        onConfirm={() =>
          retire.mutate(task.kid, {
            onSuccess: () => {
              say("The signing key left the JWKS");
              onClose();
            },
          })
        }
      >
        It leaves the JWKS at once. Tokens that it signed stop verifying as soon as verifiers fetch the JWKS
        again.
      </Confirm>
    );
  }
  const emergency = task.what === "emergency";
  const go = () =>
    rotate.mutate(emergency, {
      onSuccess: ({ signs_from, dropped }) => {
        say(
          emergency
            ? `A new key signs now; ${dropped?.length ?? 0} left the JWKS`
            : `The new key signs from ${absolute(signs_from)}`,
        );
        onClose();
      },
    });
  return (
    <Confirm
      title={emergency ? "Replace all signing keys now?" : "Rotate the signing key?"}
      action={emergency ? "Replace all now" : "Rotate"}
      color={emergency ? "red" : "mint"}
      {...(emergency ? { typed: "emergency" } : {})}
      busy={rotate.isPending}
      error={rotate.error}
      onConfirm={go}
      onClose={onClose}
    >
      {emergency ? (
        <Stack gap="sm">
          <Alert color="red" title="Only when a private key is known to others">
            Every token out there stops verifying as soon as verifiers fetch the JWKS again. Until they do,
            they refuse the new ones: expect 401 at origins for up to the JWKS' maximum age.
          </Alert>
          <span>Minted tokens are forgotten, and all other keys leave the JWKS at once.</span>
        </Stack>
      ) : (
        <Group gap={4}>
          A new key is published now, and signs once every verifier can know it. Nobody notices; nothing
          breaks.
        </Group>
      )}
    </Confirm>
  );
}
