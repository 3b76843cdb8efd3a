import { Box, Button, Group, Skeleton, Table, Text } from "@mantine/core";
import { Boxes, Plus } from "lucide-react";
import { useState } from "react";
import { Link } from "wouter";
import { type Bucket, useBuckets } from "../../api/buckets";
import { Command } from "../../parts/command";
import { Empty } from "../../parts/empty";
import { Page } from "../../parts/page";
import { ProblemAlert } from "../../parts/problem";
import { When } from "../../parts/when";
import { useAdmin } from "../../session/context";
import { ChangePrefix, CreateBucket, DeleteBucket } from "./dialogs";

type Task = { what: "create" } | { what: "prefix" | "delete"; bucket: Bucket };

/** The namespaces of consumers. */
export default function Buckets() {
  const buckets = useBuckets();
  const { may } = useAdmin();
  const [task, setTask] = useState<Task>();
  const close = () => setTask(undefined);
  const create = may.own ? (
    <Button leftSection={<Plus size={16} />} onClick={() => setTask({ what: "create" })}>
      New bucket
    </Button>
  ) : null;
  return (
    <Page
      title="Buckets"
      about="Namespaces of consumers, such as production and staging. A bucket's prefix begins each of its new keys"
      actions={create}
    >
      {buckets.error ? <ProblemAlert error={buckets.error} onRetry={() => void buckets.refetch()} /> : null}
      <Box className="surface">
        {buckets.isPending && !buckets.error ? <Skeleton height={120} /> : null}
        {buckets.data?.length === 0 ? (
          <Empty icon={<Boxes size={22} />} title="No buckets" action={create}>
            Every consumer lives in a bucket. Make one, and give it a prefix that tells its keys from others.
          </Empty>
        ) : null}
        {buckets.data?.length ? <List buckets={buckets.data} onTask={setTask} /> : null}
      </Box>
      <Command text="mintgate buckets list" />
      {task?.what === "create" ? <CreateBucket onClose={close} /> : null}
      {task?.what === "prefix" ? <ChangePrefix bucket={task.bucket} onClose={close} /> : null}
      {task?.what === "delete" ? <DeleteBucket bucket={task.bucket} onClose={close} /> : null}
    </Page>
  );
}

function List({ buckets, onTask }: { buckets: Bucket[]; onTask: (task: Task) => void }) {
  return (
    <Table verticalSpacing="sm" horizontalSpacing="md">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Bucket</Table.Th>
          <Table.Th visibleFrom="xs">New keys begin with</Table.Th>
          <Table.Th visibleFrom="sm">Created</Table.Th>
          <Table.Th aria-label="Actions" />
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {buckets.map((bucket) => (
          <Table.Tr key={bucket.name}>
            <Table.Td className="plain">
              <Link className="row-link" href={`/consumers?bucket=${encodeURIComponent(bucket.name)}`}>
                {bucket.name}
              </Link>
              <Text size="xs" c="dimmed" hiddenFrom="xs">
                <span className="code">{bucket.prefix}_…</span>
              </Text>
            </Table.Td>
            <Table.Td visibleFrom="xs" className="code">
              {bucket.prefix}_…
            </Table.Td>
            <Table.Td visibleFrom="sm">
              <When at={bucket.created} />
            </Table.Td>
            <Table.Td>
              <Actions bucket={bucket} onTask={onTask} />
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

function Actions({ bucket, onTask }: { bucket: Bucket; onTask: (task: Task) => void }) {
  const { may } = useAdmin();
  return (
    <Group gap={4} justify="flex-end">
      {may.prefix ? (
        <Button
          size="compact-xs"
          variant="subtle"
          aria-label={`Change the prefix of ${bucket.name}`}
          onClick={() => onTask({ what: "prefix", bucket })}
        >
          Prefix
        </Button>
      ) : null}
      {may.own ? (
        <Button
          size="compact-xs"
          variant="subtle"
          color="red"
          aria-label={`Delete ${bucket.name}`}
          onClick={() => onTask({ what: "delete", bucket })}
        >
          Delete
        </Button>
      ) : null}
    </Group>
  );
}
