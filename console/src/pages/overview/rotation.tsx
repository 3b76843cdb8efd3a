import { Anchor, Badge, Group, Skeleton, Stack, Text } from "@mantine/core";
import { Link } from "wouter";
import { useSigningKeys } from "../../api/installation";
import { ProblemAlert } from "../../parts/problem";
import { Section } from "../../parts/section";
import { When } from "../../parts/when";
import { STATE_COLOURS, useNextRotation } from "../signing-keys/states";

/** Who signs, and who will. */
export function RotationCard() {
  const keys = useSigningKeys();
  const next = useNextRotation(keys.data);
  const shown = keys.data?.filter(({ state }) => state !== "retired");
  return (
    <Section
      title="Signing keys"
      about={
        next ? (
          <>
            Next rotation <When at={next} />
          </>
        ) : (
          "What signs tokens"
        )
      }
      actions={
        <Anchor component={Link} href="/signing-keys" size="sm">
          Timeline
        </Anchor>
      }
    >
      {keys.isPending ? <Skeleton height={80} /> : null}
      {keys.error ? <ProblemAlert error={keys.error} onRetry={() => void keys.refetch()} /> : null}
      <Stack gap={8}>
        {shown?.map((key) => (
          <Group key={key.kid} justify="space-between" wrap="nowrap" gap="sm">
            <Group gap="xs" wrap="nowrap">
              <Badge variant="light" color={STATE_COLOURS[key.state]}>
                {key.state}
              </Badge>
              <span className="code">{key.kid.slice(0, 12)}…</span>
            </Group>
            <Text size="sm" c="dimmed">
              since <When at={key.since} />
            </Text>
          </Group>
        ))}
      </Stack>
    </Section>
  );
}
