import { Button, SimpleGrid, Skeleton } from "@mantine/core";
import { RefreshCw } from "lucide-react";
import { useState } from "react";
import { useParams } from "wouter";
import type { Key } from "../api/keys";
import { useOwnKey } from "../api/own";
import type { Period } from "../api/usage";
import { OwnUsageChart, PERIODS, PeriodPicker } from "../chart/usage-chart";
import { KeyState } from "../pages/keys/state";
import { Fact } from "../parts/fact";
import { Page } from "../parts/page";
import { ProblemAlert } from "../parts/problem";
import { Section } from "../parts/section";
import { When } from "../parts/when";
import { RollOwnKey } from "./roll";

/** One key of one's own: what it may do, and what it does. */
export default function OwnKeyPage() {
  const { id } = useParams<{ id: string }>();
  const key = useOwnKey(id);
  if (key.error) {
    return (
      <Page title={`Key ${id}`}>
        <ProblemAlert error={key.error} onRetry={() => void key.refetch()} />
      </Page>
    );
  }
  if (!key.data) return <Skeleton height={300} />;
  return <Shown shown={key.data} />;
}

function Shown({ shown }: { shown: Key }) {
  const [period, setPeriod] = useState<Period>("7d");
  const [rolling, setRolling] = useState(false);
  return (
    <Page
      title={shown.label || shown.id}
      about={
        <>
          Key <span className="code">{shown.id}</span> of {shown.consumer.name}
        </>
      }
      actions={
        <Button
          leftSection={<RefreshCw size={16} />}
          disabled={shown.state !== "active"}
          onClick={() => setRolling(true)}
        >
          Roll
        </Button>
      }
    >
      <Section>
        <SimpleGrid cols={{ base: 2, sm: 3 }} spacing="md">
          <Fact label="State">
            <KeyState shown={shown} />
          </Fact>
          <Fact label="Created">
            <When at={shown.created} />
          </Fact>
          <Fact label="Expires">
            <When at={shown.expires} />
          </Fact>
          <Fact label="First used">
            <When at={shown.first_used} />
          </Fact>
          <Fact label="Last used">
            <When at={shown.last_used} />
          </Fact>
          <Fact label="Scopes">
            {shown.scopes.length ? <span className="code">{shown.scopes.join(" ")}</span> : "none"}
          </Fact>
        </SimpleGrid>
      </Section>
      <Section
        title="Usage"
        about={`Requests with this key, ${PERIODS[period]}`}
        actions={<PeriodPicker value={period} onChange={setPeriod} />}
      >
        <OwnUsageChart of={{ key_id: shown.id }} period={period} />
      </Section>
      {rolling ? <RollOwnKey old={shown} onClose={() => setRolling(false)} /> : null}
    </Page>
  );
}
