import { Badge, Group, Table, Text } from "@mantine/core";
import { Link } from "wouter";
import type { Consumer } from "../../api/consumers";
import { When } from "../../parts/when";

interface Props {
  consumer: Consumer;
  active: boolean;
  onFocus: () => void;
  onOpen: (to: string) => void;
}

export function consumerAddress({ bucket, name }: { bucket: string; name: string }): string {
  return `/consumers/${encodeURIComponent(bucket)}/${encodeURIComponent(name)}`;
}

export function ConsumerRow({ consumer, active, onFocus, onOpen }: Props) {
  const to = consumerAddress(consumer);
  const tags = Object.entries(consumer.tags);
  return (
    <Table.Tr data-active={active} onClick={() => onOpen(to)} style={{ cursor: "pointer" }}>
      <Table.Td className="plain">
        <Link className="row-link" href={to} onFocus={onFocus} onClick={(event) => event.stopPropagation()}>
          {consumer.name}
        </Link>
        {consumer.subject === consumer.name ? null : (
          <Text size="xs" c="dimmed">
            {consumer.subject}
          </Text>
        )}
      </Table.Td>
      <Table.Td visibleFrom="sm">{consumer.bucket}</Table.Td>
      <Table.Td visibleFrom="md">
        <Tags tags={tags} most={3} />
      </Table.Td>
      <Table.Td>
        <ConsumerState state={consumer.state} />
      </Table.Td>
      <Table.Td visibleFrom="sm">
        <When at={consumer.last_used} />
      </Table.Td>
      <Table.Td visibleFrom="md">
        <When at={consumer.created} />
      </Table.Td>
    </Table.Tr>
  );
}

export function ConsumerState({ state }: { state: Consumer["state"] }) {
  return (
    <Badge variant="light" color={state === "active" ? "mint" : "gray"}>
      {state}
    </Badge>
  );
}

export function Tags({ tags, most = 100 }: { tags: [string, string][]; most?: number }) {
  if (tags.length === 0) return <Text c="dimmed">–</Text>;
  return (
    <Group gap={4}>
      {tags.slice(0, most).map(([name, value]) => (
        <Badge key={name} variant="default" tt="none" fw={500} maw={220}>
          {name}: {value}
        </Badge>
      ))}
      {tags.length > most ? <Text size="xs">+{tags.length - most}</Text> : null}
    </Group>
  );
}
