import { Alert, Button, Group, Stack, Table, Text, TextInput } from "@mantine/core";
import { ListX, TriangleAlert } from "lucide-react";
import { useState } from "react";
import { Link } from "wouter";
import type { Schemas } from "../../api/client";
import { type Key, type KeySelection, useRevokeKeys } from "../../api/keys";
import { fieldProblem } from "../../api/problem";
import { exact } from "../../format/number";
import { Confirm } from "../../parts/confirm";
import { Empty } from "../../parts/empty";
import { useNotice } from "../../parts/notice";
import { Section } from "../../parts/section";
import { When } from "../../parts/when";
import { consumerAddress } from "../consumers/row";

interface Props {
  filter: KeySelection;
  found: Schemas["RevokedKeys"];
  onDone: () => void;
}

const RECENT_DAYS = 30;

/** What a bulk revocation would end, and the way to do it. */
export function Preview({ filter, found: { matched, keys }, onDone }: Props) {
  const [reason, setReason] = useState("");
  const [asking, setAsking] = useState(false);
  const revoke = useRevokeKeys();
  const say = useNotice();
  if (matched === 0) {
    return (
      <Section>
        <Empty icon={<ListX size={22} />} title="No key fits">
          Nothing would be revoked. Say less above, and more keys fit.
        </Empty>
      </Section>
    );
  }
  const go = () =>
    revoke.mutate(
      { filter, reason: reason.trim() },
      {
        onSuccess: ({ revoked }) => {
          say(`${exact(revoked)} ${revoked === 1 ? "key is" : "keys are"} revoked, and refused from now on`);
          onDone();
        },
        onError: () => setAsking(false),
      },
    );
  const these = `${exact(matched)} ${matched === 1 ? "key" : "keys"}`;
  return (
    <Section title={`${these} would be revoked`} flush>
      <Stack gap="md" px="md" pb="md">
        <Breakage keys={keys} matched={matched} />
        <TextInput
          label="Reason"
          description="For the audit log and for whoever asks later"
          placeholder="left unused for a quarter"
          value={reason}
          error={fieldProblem(revoke.error, "reason")}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        <Group>
          <Button color="red" leftSection={<ListX size={16} />} onClick={() => setAsking(true)}>
            Revoke {these}
          </Button>
        </Group>
      </Stack>
      <Rows keys={keys} />
      {asking ? (
        <Confirm
          title={`Revoke ${these}?`}
          action="Revoke them all"
          color="red"
          typed={String(matched)}
          busy={revoke.isPending}
          error={revoke.error}
          onConfirm={go}
          onClose={() => setAsking(false)}
        >
          Requests with them are refused at once, and this cannot be undone. Keys that come to fit meanwhile
          are revoked with them.
        </Confirm>
      ) : null}
    </Section>
  );
}

/** How many of them somebody will miss. */
function Breakage({ keys, matched }: { keys: readonly Key[]; matched: number }) {
  const since = Date.now() - RECENT_DAYS * 86_400_000;
  const used = keys.filter(({ last_used }) => last_used && Date.parse(last_used) > since).length;
  const shown = keys.length < matched ? `the first ${keys.length}` : "them";
  return (
    <Alert
      color={used > 0 ? "red" : "gray"}
      icon={<TriangleAlert size={18} />}
      title={used > 0 ? `${used} of ${shown} are in use` : `None of ${shown} is in use`}
    >
      {used > 0
        ? `They were used within the last ${RECENT_DAYS} days, and their callers will be refused with 401. To change over without a gap, roll them instead.`
        : `Nobody used ${keys.length < matched ? "these" : "any"} within the last ${RECENT_DAYS} days.`}
    </Alert>
  );
}

function Rows({ keys }: { keys: readonly Key[] }) {
  return (
    <Table verticalSpacing="xs" horizontalSpacing="md">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Key</Table.Th>
          <Table.Th>Consumer</Table.Th>
          <Table.Th>Last used</Table.Th>
          <Table.Th visibleFrom="sm">Created</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {keys.map((key) => (
          <Table.Tr key={key.id}>
            <Table.Td className="plain">
              <Link className="row-link" href={`/keys/${key.id}`}>
                {key.label || <span className="code">{key.id}</span>}
              </Link>
              {key.label ? (
                <Text size="xs" c="dimmed" className="code">
                  {key.id}
                </Text>
              ) : null}
            </Table.Td>
            <Table.Td className="plain">
              <Link className="row-link" href={consumerAddress(key.consumer)}>
                {key.consumer.name}
              </Link>
              <Text size="xs" c="dimmed">
                {key.consumer.bucket}
              </Text>
            </Table.Td>
            <Table.Td>
              <When at={key.last_used} />
            </Table.Td>
            <Table.Td visibleFrom="sm">
              <When at={key.created} />
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
