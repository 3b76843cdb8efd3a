import { Button, SimpleGrid, Skeleton } from "@mantine/core";
import { RefreshCw, Trash2 } from "lucide-react";
import { useState } from "react";
import { Link, useParams } from "wouter";
import { type Key, useKey } from "../../api/keys";
import type { Period } from "../../api/usage";
import { PERIODS, PeriodPicker, UsageChart } from "../../chart/usage-chart";
import { Fact } from "../../parts/fact";
import { Page } from "../../parts/page";
import { ProblemAlert } from "../../parts/problem";
import { Section } from "../../parts/section";
import { When } from "../../parts/when";
import { useAdmin } from "../../session/context";
import { consumerAddress } from "../consumers/row";
import { RevokeKey } from "./revoke";
import { RollKey } from "./roll";
import { KeyState } from "./state";

/** One key: what it may do, and what it does. */
export default function KeyPage() {
  const { id } = useParams<{ id: string }>();
  const key = useKey(id);
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
  const { may } = useAdmin();
  const [period, setPeriod] = useState<Period>("7d");
  const [task, setTask] = useState<"roll" | "revoke">();
  const close = () => setTask(undefined);
  return (
    <Page
      title={shown.label || shown.id}
      about={
        <>
          Key <span className="code">{shown.id}</span> of{" "}
          <Link className="row-link" href={consumerAddress(shown.consumer)}>
            {shown.consumer.name}
          </Link>
        </>
      }
      actions={
        may.manage ? (
          <>
            <Button
              variant="default"
              leftSection={<RefreshCw size={16} />}
              disabled={shown.state !== "active"}
              onClick={() => setTask("roll")}
            >
              Roll
            </Button>
            <Button
              color="red"
              variant="light"
              leftSection={<Trash2 size={16} />}
              disabled={shown.state === "revoked"}
              onClick={() => setTask("revoke")}
            >
              Revoke
            </Button>
          </>
        ) : null
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
          <Fact label="Form">{shown.format === "native" ? "ours" : "of another system, imported"}</Fact>
          <Fact label="Scopes">
            {shown.scopes.length ? <span className="code">{shown.scopes.join(" ")}</span> : "none"}
          </Fact>
          {shown.rolled ? (
            <Fact label="Replaced by">
              <Link className="row-link code" href={`/keys/${shown.rolled.successor}`}>
                {shown.rolled.successor}
              </Link>
            </Fact>
          ) : null}
        </SimpleGrid>
      </Section>
      <Section
        title="Usage"
        about={`Requests with this key, ${PERIODS[period]}`}
        actions={<PeriodPicker value={period} onChange={setPeriod} />}
      >
        <UsageChart of={{ key_id: shown.id }} period={period} />
      </Section>
      {task === "roll" ? <RollKey old={shown} onClose={close} /> : null}
      {task === "revoke" ? <RevokeKey shown={shown} onClose={close} /> : null}
    </Page>
  );
}
