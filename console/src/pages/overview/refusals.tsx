import { Group, Skeleton, Stack, Text } from "@mantine/core";
import { type Period, useRefusals } from "../../api/usage";
import { count } from "../../format/number";
import { ProblemAlert } from "../../parts/problem";
import { Section } from "../../parts/section";
import { Share } from "./top";

const REASONS: Readonly<Record<string, string>> = {
  no_credential: "No credential",
  unknown_key: "Unknown key",
  malformed_credential: "Not a key",
  expired_key: "Expired key",
  revoked_key: "Revoked key",
  disabled_consumer: "Disabled consumer",
  insufficient_scope: "Scope missing",
  no_route: "No such route",
  method_not_allowed: "Method not allowed",
  invalid_request: "Two readings, or none",
  too_large: "Too large",
  too_slow: "Too slow",
  not_ready: "Not ready",
};

/** Why requests were refused. */
export function RefusalReasons({ period }: { period: Period }) {
  const refusals = useRefusals(period);
  const reasons = Object.entries(refusals.data?.totals.by_reason ?? {})
    .filter(([, times]) => times > 0)
    .sort(([, a], [, b]) => b - a);
  return (
    <Section title="Refusals" about="The precise reason, which callers never learn">
      {refusals.isPending ? <Skeleton height={140} /> : null}
      {refusals.error ? (
        <ProblemAlert error={refusals.error} onRetry={() => void refusals.refetch()} />
      ) : null}
      {refusals.data && reasons.length === 0 ? (
        <Text size="sm" c="dimmed">
          Nothing was refused.
        </Text>
      ) : null}
      <Stack gap="xs">
        {reasons.slice(0, 6).map(([reason, times]) => (
          <div key={reason}>
            <Group justify="space-between" wrap="nowrap">
              <Text size="sm">{REASONS[reason] ?? sentence(reason)}</Text>
              <Text size="sm" className="figure">
                {count(times)}
              </Text>
            </Group>
            <Share part={times} whole={reasons[0]?.[1] ?? 1} color="var(--refused)" />
          </div>
        ))}
      </Stack>
    </Section>
  );
}

function sentence(code: string): string {
  const words = code.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
