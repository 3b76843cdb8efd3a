import { Alert, Skeleton } from "@mantine/core";
import { Ban, KeyRound } from "lucide-react";
import { useState } from "react";
import { type OwnConsumer, useOwnConsumers, useOwnKeys } from "../api/own";
import type { Period } from "../api/usage";
import { OwnUsageChart, PERIODS, PeriodPicker } from "../chart/usage-chart";
import { Empty } from "../parts/empty";
import { More } from "../parts/more";
import { Page } from "../parts/page";
import { ProblemAlert } from "../parts/problem";
import { Section } from "../parts/section";
import { When } from "../parts/when";
import { OwnKeyTable } from "./table";

/** The consumers that somebody manages, with their keys. */
export default function OwnKeys() {
  const consumers = useOwnConsumers();
  const found = consumers.data?.pages.flatMap((page) => page.data) ?? [];
  return (
    <Page
      title="My keys"
      about="What your programs sign in with. Roll a key before it ends, or when somebody saw it who should not have"
    >
      {consumers.error ? (
        <ProblemAlert error={consumers.error} onRetry={() => void consumers.refetch()} />
      ) : null}
      {consumers.isPending && !consumers.error ? <Skeleton height={260} /> : null}
      {found.map((consumer) => (
        <ConsumerOfOnes
          key={`${consumer.bucket}/${consumer.name}`}
          consumer={consumer}
          alone={found.length === 1}
        />
      ))}
      <More query={consumers} />
      {found[0] ? <Usage consumers={found} /> : null}
    </Page>
  );
}

function ConsumerOfOnes({ consumer, alone }: { consumer: OwnConsumer; alone: boolean }) {
  const keys = useOwnKeys(consumer);
  const all = keys.data?.pages.flatMap((page) => page.data) ?? [];
  const disabled = consumer.state === "disabled";
  return (
    <Section title={consumer.name} about={consumer.bucket} flush>
      {disabled ? (
        <Alert color="orange" role="note" icon={<Ban size={18} />} title="Disabled" mx="md" mb="sm">
          Its keys are refused, since <When at={consumer.disabled_since} none="some time" />. Ask whoever runs
          the gateway.
        </Alert>
      ) : null}
      {keys.error ? <ProblemAlert error={keys.error} onRetry={() => void keys.refetch()} /> : null}
      {keys.isPending && !keys.error ? <Skeleton height={alone ? 200 : 120} /> : null}
      {keys.data && all.length === 0 ? (
        <Empty icon={<KeyRound size={22} />} title="No keys yet">
          Whoever runs the gateway makes the first one. From then on, you can roll it here yourself.
        </Empty>
      ) : null}
      {all.length > 0 ? <OwnKeyTable keys={all} disabled={disabled} /> : null}
      <More query={keys} />
    </Section>
  );
}

function Usage({ consumers }: { consumers: OwnConsumer[] }) {
  const [period, setPeriod] = useState<Period>("7d");
  const [first] = consumers;
  const one = consumers.length === 1 && first ? { bucket: first.bucket, consumer: first.name } : {};
  return (
    <Section
      title="Usage"
      about={`Requests with your keys, ${PERIODS[period]}`}
      actions={<PeriodPicker value={period} onChange={setPeriod} />}
    >
      <OwnUsageChart of={one} period={period} />
    </Section>
  );
}
