import { SimpleGrid, Skeleton, Text } from "@mantine/core";
import { useState } from "react";
import { useStatus } from "../../api/installation";
import { type Period, useRefusals, useUsage } from "../../api/usage";
import { PERIODS, PeriodPicker, UsageChart } from "../../chart/usage-chart";
import { count, percent } from "../../format/number";
import { Page } from "../../parts/page";
import { ProblemAlert } from "../../parts/problem";
import { Section } from "../../parts/section";
import { When } from "../../parts/when";
import { ExpiringKeys } from "./expiring";
import { RefusalReasons } from "./refusals";
import { RotationCard } from "./rotation";
import { TopConsumers } from "./top";

/** How the installation is, at a glance. */
export default function Overview() {
  const [period, setPeriod] = useState<Period>("24h");
  const status = useStatus();
  const node = status.data?.nodes[0];
  return (
    <Page
      title="Overview"
      about={
        node ? (
          <>
            <span className="code">{node.name}</span>, {node.ready ? "ready" : "not ready"}, started{" "}
            <When at={node.started} />
            {" · "}version {status.data?.version}
          </>
        ) : (
          "How the gate is doing"
        )
      }
      actions={<PeriodPicker value={period} onChange={setPeriod} />}
    >
      {status.error ? <ProblemAlert error={status.error} onRetry={() => void status.refetch()} /> : null}
      <Figures period={period} />
      <Section title="Requests" about={`By answer, ${PERIODS[period]}`}>
        <UsageChart of={{}} period={period} />
      </Section>
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
        <TopConsumers period={period} />
        <RefusalReasons period={period} />
        <ExpiringKeys />
        <RotationCard />
      </SimpleGrid>
    </Page>
  );
}

function Figures({ period }: { period: Period }) {
  const usage = useUsage({}, period);
  const refusals = useRefusals(period);
  const status = useStatus();
  const refused = refusals.data?.totals.refused;
  const totals = usage.data?.totals;
  const keys = status.data?.keys;
  const active = keys ? keys.total - keys.revoked : undefined;
  return (
    <SimpleGrid cols={{ base: 2, md: 4 }} spacing="sm">
      <Figure label="Requests" value={totals && count(totals.requests)} about={PERIODS[period]} />
      <Figure
        label="Refused"
        value={refused === undefined ? undefined : count(refused)}
        about={
          totals && refused !== undefined
            ? `${percent(refused, totals.requests + refused)} of all`
            : undefined
        }
      />
      <Figure
        label="Failed at origins"
        value={totals && count(totals.by_status["5xx"])}
        about={totals && `${percent(totals.by_status["5xx"], totals.requests)} of requests`}
      />
      <Figure
        label="Working keys"
        value={active !== undefined ? count(active) : undefined}
        about={keys && `${count(keys.revoked)} revoked`}
      />
    </SimpleGrid>
  );
}

function Figure({
  label,
  value,
  about,
}: {
  label: string;
  value: string | undefined;
  about: string | undefined;
}) {
  return (
    <div className="surface" style={{ padding: "14px 16px" }}>
      <Text size="sm" c="dimmed">
        {label}
      </Text>
      {value === undefined ? (
        <Skeleton height={30} width={80} my={4} />
      ) : (
        <Text className="figure" fz={28} fw={650} lh={1.3}>
          {value}
        </Text>
      )}
      <Text size="xs" c="dimmed">
        {about ?? "\u00a0"}
      </Text>
    </div>
  );
}
