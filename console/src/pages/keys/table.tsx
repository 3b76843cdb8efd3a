import { ActionIcon, Badge, Group, Menu, Table, Text } from "@mantine/core";
import { ChartColumn, Ellipsis, Pencil, RefreshCw, Trash2 } from "lucide-react";
import { useState } from "react";
import { Link } from "wouter";
import type { Key } from "../../api/keys";
import { When } from "../../parts/when";
import { useAdmin } from "../../session/context";
import { consumerAddress } from "../consumers/row";
import { EditKey } from "./edit";
import { RevokeKey } from "./revoke";
import { RollKey } from "./roll";
import { COLOURS, KeyState } from "./state";

type Task = { what: "roll" | "revoke" | "edit"; key: Key };

/** Keys as rows, with what can be done about each. */
export function KeyTable({ keys, withConsumer = false }: { keys: readonly Key[]; withConsumer?: boolean }) {
  const [task, setTask] = useState<Task>();
  const close = () => setTask(undefined);
  return (
    <>
      <Table verticalSpacing="sm" horizontalSpacing="md">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Key</Table.Th>
            {withConsumer ? <Table.Th>Consumer</Table.Th> : null}
            <Table.Th visibleFrom="md" miw={140}>
              Scopes
            </Table.Th>
            <Table.Th visibleFrom={withConsumer ? "sm" : "xs"}>State</Table.Th>
            <Table.Th visibleFrom="sm" miw={110}>
              Last used
            </Table.Th>
            <Table.Th visibleFrom="sm">Expires</Table.Th>
            <Table.Th aria-label="Actions" />
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {keys.map((key) => (
            <Row
              key={key.id}
              shown={key}
              withConsumer={withConsumer}
              onTask={(what) => setTask({ what, key })}
            />
          ))}
        </Table.Tbody>
      </Table>
      {task?.what === "roll" ? <RollKey old={task.key} onClose={close} /> : null}
      {task?.what === "revoke" ? <RevokeKey shown={task.key} onClose={close} /> : null}
      {task?.what === "edit" ? <EditKey shown={task.key} onClose={close} /> : null}
    </>
  );
}

interface RowProps {
  shown: Key;
  withConsumer: boolean;
  onTask: (what: Task["what"]) => void;
}

function Row({ shown, withConsumer, onTask }: RowProps) {
  return (
    <Table.Tr>
      <Table.Td className="plain">
        <Link className="row-link" href={`/keys/${shown.id}`}>
          {shown.label || <span className="code">{shown.id}</span>}
        </Link>
        <Group gap={6}>
          {shown.label ? (
            <Text size="xs" c="dimmed" className="code">
              {shown.id}
            </Text>
          ) : null}
          {shown.state === "active" ? null : (
            <Badge
              size="xs"
              variant="light"
              color={COLOURS[shown.state]}
              hiddenFrom={withConsumer ? "sm" : "xs"}
            >
              {shown.state}
            </Badge>
          )}
          {shown.format === "foreign" ? (
            <Badge size="xs" variant="light" color="grape">
              foreign
            </Badge>
          ) : null}
        </Group>
      </Table.Td>
      {withConsumer ? (
        <Table.Td className="plain">
          <Link className="row-link" href={consumerAddress(shown.consumer)}>
            {shown.consumer.name}
          </Link>
          <Text size="xs" c="dimmed">
            {shown.consumer.bucket}
          </Text>
        </Table.Td>
      ) : null}
      <Table.Td visibleFrom="md" className="plain">
        {shown.scopes.length ? (
          <span className="code">{shown.scopes.join(" ")}</span>
        ) : (
          <Text c="dimmed">–</Text>
        )}
      </Table.Td>
      <Table.Td visibleFrom={withConsumer ? "sm" : "xs"}>
        <KeyState shown={shown} />
      </Table.Td>
      <Table.Td visibleFrom="sm">
        <When at={shown.last_used} />
      </Table.Td>
      <Table.Td visibleFrom="sm">
        <When at={shown.expires} />
      </Table.Td>
      <Table.Td w={40}>
        <KeyMenu shown={shown} onTask={onTask} />
      </Table.Td>
    </Table.Tr>
  );
}

function KeyMenu({ shown, onTask }: Omit<RowProps, "withConsumer">) {
  const { may } = useAdmin();
  const ended = shown.state === "revoked";
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={`Actions for key ${shown.label || shown.id}`}>
          <Ellipsis size={18} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item component={Link} href={`/keys/${shown.id}`} leftSection={<ChartColumn size={16} />}>
          Usage and details
        </Menu.Item>
        {may.manage ? (
          <>
            <Menu.Item leftSection={<Pencil size={16} />} disabled={ended} onClick={() => onTask("edit")}>
              Change…
            </Menu.Item>
            <Menu.Item
              leftSection={<RefreshCw size={16} />}
              disabled={shown.state !== "active"}
              onClick={() => onTask("roll")}
            >
              Roll…
            </Menu.Item>
            <Menu.Item
              color="red"
              leftSection={<Trash2 size={16} />}
              disabled={ended}
              onClick={() => onTask("revoke")}
            >
              Revoke…
            </Menu.Item>
          </>
        ) : null}
      </Menu.Dropdown>
    </Menu>
  );
}
