import { Button, Table, Text } from "@mantine/core";
import { RefreshCw } from "lucide-react";
import { useState } from "react";
import { Link } from "wouter";
import type { Key } from "../api/keys";
import { KeyState } from "../pages/keys/state";
import { When } from "../parts/when";
import { RollOwnKey } from "./roll";

/** One's keys, with the one thing that can be done about them. */
export function OwnKeyTable({ keys, disabled }: { keys: readonly Key[]; disabled: boolean }) {
  const [rolling, setRolling] = useState<Key>();
  return (
    <>
      <Table verticalSpacing="sm" horizontalSpacing="md">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Key</Table.Th>
            <Table.Th>State</Table.Th>
            <Table.Th visibleFrom="sm">Last used</Table.Th>
            <Table.Th visibleFrom="xs">Expires</Table.Th>
            <Table.Th aria-label="Actions" />
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
              <Table.Td>
                <KeyState shown={key} />
              </Table.Td>
              <Table.Td visibleFrom="sm">
                <When at={key.last_used} />
              </Table.Td>
              <Table.Td visibleFrom="xs">
                <When at={key.expires} />
              </Table.Td>
              <Table.Td ta="right">
                {key.state === "active" && !disabled ? (
                  <Button
                    size="compact-sm"
                    variant="light"
                    leftSection={<RefreshCw size={14} />}
                    aria-label={`Roll ${key.label || key.id}`}
                    onClick={() => setRolling(key)}
                  >
                    Roll
                  </Button>
                ) : null}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {rolling ? <RollOwnKey old={rolling} onClose={() => setRolling(undefined)} /> : null}
    </>
  );
}
