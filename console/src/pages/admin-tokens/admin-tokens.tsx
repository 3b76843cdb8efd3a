import { Badge, Box, Button, Group, Skeleton, Table, Text } from "@mantine/core";
import { Plus, ShieldCheck } from "lucide-react";
import { useState } from "react";
import { type AdminToken, useAdminTokens } from "../../api/admins";
import { Empty } from "../../parts/empty";
import { Page } from "../../parts/page";
import { ProblemAlert } from "../../parts/problem";
import { When } from "../../parts/when";
import { useAdmin } from "../../session/context";
import { CreateAdminToken } from "./create";
import { RevokeAdminToken, RollAdminToken } from "./end";

type Task = { what: "create" } | { what: "roll" | "revoke"; token: StoredToken };

type StoredToken = AdminToken & { id: string };

/** Those of the configuration have no id, and cannot be changed here. */
function isStored(token: AdminToken): token is StoredToken {
  return token.id !== undefined;
}

/** Who may manage, and how much. */
export default function AdminTokens() {
  const tokens = useAdminTokens();
  const { may } = useAdmin();
  const [task, setTask] = useState<Task>();
  const close = () => setTask(undefined);
  return (
    <Page
      title="Admin tokens"
      about="Owners do everything, operators manage consumers and keys, auditors only read"
      actions={
        may.own ? (
          <Button leftSection={<Plus size={16} />} onClick={() => setTask({ what: "create" })}>
            New admin token
          </Button>
        ) : null
      }
    >
      {tokens.error ? <ProblemAlert error={tokens.error} onRetry={() => void tokens.refetch()} /> : null}
      <Box className="surface">
        {tokens.isPending && !tokens.error ? <Skeleton height={160} /> : null}
        {tokens.data?.length === 0 ? (
          <Empty
            icon={<ShieldCheck size={22} />}
            title="Only the token of the configuration"
            command="mintgate admin-tokens create support --role operator"
          >
            Give each person and each program a token of its own: the audit log then says who did what.
          </Empty>
        ) : null}
        {tokens.data?.length ? <List tokens={tokens.data} onTask={may.own ? setTask : undefined} /> : null}
      </Box>
      {task?.what === "create" ? <CreateAdminToken onClose={close} /> : null}
      {task?.what === "roll" ? <RollAdminToken token={task.token} onClose={close} /> : null}
      {task?.what === "revoke" ? <RevokeAdminToken token={task.token} onClose={close} /> : null}
    </Page>
  );
}

const ROLES: Readonly<Record<string, string>> = { owner: "mint", operator: "blue", auditor: "grape" };

function List({ tokens, onTask }: { tokens: AdminToken[]; onTask: ((task: Task) => void) | undefined }) {
  return (
    <Table verticalSpacing="sm" horizontalSpacing="md">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Name</Table.Th>
          <Table.Th>Role</Table.Th>
          <Table.Th visibleFrom="md">Buckets</Table.Th>
          <Table.Th visibleFrom="sm">Created</Table.Th>
          <Table.Th visibleFrom="sm">Expires</Table.Th>
          <Table.Th aria-label="Actions" />
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {tokens.map((token) => (
          <Table.Tr key={token.id ?? token.name}>
            <Table.Td className="plain">
              <Text fw={600} size="sm">
                {token.name}
              </Text>
              <Text size="xs" c="dimmed">
                {token.source === "config" ? (
                  "from the configuration"
                ) : (
                  <span className="code">{token.id}</span>
                )}
              </Text>
            </Table.Td>
            <Table.Td>
              <Badge variant="light" color={ROLES[token.role] ?? "gray"}>
                {token.role}
              </Badge>{" "}
              {token.state !== "active" ? (
                <Badge variant="light" color={token.state === "rolled" ? "blue" : "red"}>
                  {token.state}
                </Badge>
              ) : null}
            </Table.Td>
            <Table.Td visibleFrom="md">{token.buckets?.join(", ") || "all"}</Table.Td>
            <Table.Td visibleFrom="sm">
              <When at={token.created_at} none="–" />
            </Table.Td>
            <Table.Td visibleFrom="sm">
              <When at={token.expires_at} />
            </Table.Td>
            <Table.Td>
              {onTask && isStored(token) && (token.state === "active" || token.state === "rolled") ? (
                <Group gap={4} justify="flex-end">
                  {token.state === "active" ? (
                    <Button
                      size="compact-xs"
                      variant="subtle"
                      onClick={() => onTask({ what: "roll", token })}
                    >
                      Roll
                    </Button>
                  ) : null}
                  <Button
                    size="compact-xs"
                    variant="subtle"
                    color="red"
                    onClick={() => onTask({ what: "revoke", token })}
                  >
                    Revoke
                  </Button>
                </Group>
              ) : null}
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
