import { Anchor, Group, Skeleton, Stack, Text } from "@mantine/core";
import { useMemo } from "react";
import { Link } from "wouter";
import { useKeys } from "../../api/keys";
import { daysFromNow } from "../../format/time";
import { ProblemAlert } from "../../parts/problem";
import { Section } from "../../parts/section";
import { When } from "../../parts/when";
import { viewAddress } from "../keys/views";

const DAYS = 14;

/** Keys that end soon, so that nobody is surprised. */
export function ExpiringKeys() {
  const before = useMemo(() => daysFromNow(DAYS), []);
  const keys = useKeys({ state: "active", expires_before: before }, 6);
  const first = keys.data?.pages[0]?.data ?? [];
  return (
    <Section
      title="Keys about to expire"
      about={`In the next ${DAYS} days`}
      actions={
        <Anchor component={Link} href={viewAddress("expiring")} size="sm">
          All
        </Anchor>
      }
    >
      {keys.isPending ? <Skeleton height={100} /> : null}
      {keys.error ? <ProblemAlert error={keys.error} onRetry={() => void keys.refetch()} /> : null}
      {keys.data && first.length === 0 ? (
        <Text size="sm" c="dimmed">
          None. A key that is rolled before it expires costs its holder nothing.
        </Text>
      ) : null}
      <Stack gap={8}>
        {first.map((key) => (
          <Group key={key.id} justify="space-between" wrap="nowrap" gap="sm">
            <Link className="row-link plain" href={`/keys/${key.id}`}>
              <Text span size="sm">
                {key.consumer.name} · {key.label || <span className="code">{key.id}</span>}
              </Text>
            </Link>
            <Text size="sm" c="dimmed">
              <When at={key.expires} />
            </Text>
          </Group>
        ))}
      </Stack>
    </Section>
  );
}
