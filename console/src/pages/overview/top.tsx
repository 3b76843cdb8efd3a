import { Group, Skeleton, Stack, Text } from "@mantine/core";
import { Link } from "wouter";
import { type Period, useTop } from "../../api/usage";
import { count } from "../../format/number";
import { ProblemAlert } from "../../parts/problem";
import { Section } from "../../parts/section";
import classes from "./overview.module.css";

export function TopConsumers({ period }: { period: Period }) {
  const top = useTop("consumer", period);
  return (
    <Section title="Top consumers" about="Who sends the most requests">
      {top.isPending ? <Skeleton height={140} /> : null}
      {top.error ? <ProblemAlert error={top.error} onRetry={() => void top.refetch()} /> : null}
      {top.data?.length === 0 ? (
        <Text size="sm" c="dimmed">
          Nobody has called yet. Create a consumer and a key, and send a request through the gateway with it.
        </Text>
      ) : null}
      <Stack gap="xs">
        {top.data?.map(({ consumer, requests, by_status }) => (
          <div key={`${consumer.bucket}/${consumer.name}`}>
            <Group justify="space-between" wrap="nowrap" gap="sm">
              <Link
                className={`row-link ${classes.name}`}
                href={`/consumers/${consumer.bucket}/${encodeURIComponent(consumer.name)}`}
              >
                {consumer.name}
              </Link>
              <Text size="sm" className="figure">
                {count(requests)}
              </Text>
            </Group>
            <Share
              part={requests}
              whole={top.data[0]?.requests ?? 1}
              bad={by_status["4xx"] + by_status["5xx"]}
            />
          </div>
        ))}
      </Stack>
    </Section>
  );
}

/** A bar as long as its share, with what went wrong in another colour. */
export function Share({
  part,
  whole,
  bad = 0,
  color = "var(--ok)",
}: {
  part: number;
  whole: number;
  bad?: number;
  color?: string;
}) {
  const good = Math.max(0, part - bad);
  const width = (value: number) => `${(100 * value) / Math.max(1, whole)}%`;
  return (
    <div className={classes.track} aria-hidden>
      <span style={{ width: width(good), background: color }} />
      <span style={{ width: width(Math.min(bad, part)), background: "var(--client-error)" }} />
    </div>
  );
}
