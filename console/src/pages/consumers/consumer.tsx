import { Alert, Button, Skeleton } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { Ban, Plus } from "lucide-react";
import { useState } from "react";
import { useParams } from "wouter";
import { type Consumer, useConsumer } from "../../api/consumers";
import type { Period } from "../../api/usage";
import { PERIODS, PeriodPicker, UsageChart } from "../../chart/usage-chart";
import { Page } from "../../parts/page";
import { ProblemAlert } from "../../parts/problem";
import { Section } from "../../parts/section";
import { When } from "../../parts/when";
import { useAdmin } from "../../session/context";
import { CreateKey } from "../keys/create";
import { Actions } from "./actions";
import { ConsumerKeys } from "./keys";
import { Profile } from "./profile";
import { ConsumerState } from "./row";

/** One consumer: who it is, its keys, and what they do. */
export default function ConsumerPage() {
  const { bucket = "", name = "" } = useParams<{ bucket: string; name: string }>();
  const consumer = useConsumer(decodeURIComponent(bucket), decodeURIComponent(name));
  if (consumer.error) {
    return (
      <Page title={decodeURIComponent(name)}>
        <ProblemAlert error={consumer.error} onRetry={() => void consumer.refetch()} />
      </Page>
    );
  }
  if (!consumer.data) return <Skeleton height={320} />;
  return <Shown consumer={consumer.data} />;
}

function Shown({ consumer }: { consumer: Consumer }) {
  const { may } = useAdmin();
  const [period, setPeriod] = useState<Period>("7d");
  const [creating, { open, close }] = useDisclosure(false);
  return (
    <Page
      title={consumer.name}
      about={
        <>
          {consumer.bucket} · <ConsumerState state={consumer.state} /> · created{" "}
          <When at={consumer.created} />
        </>
      }
      actions={
        may.manage ? (
          <>
            <Button leftSection={<Plus size={16} />} onClick={open}>
              New key
            </Button>
            <Actions consumer={consumer} />
          </>
        ) : null
      }
    >
      {consumer.state === "disabled" ? (
        <Alert color="orange" role="note" icon={<Ban size={18} />} title="Disabled">
          All its keys are refused <When at={consumer.disabled_since} none="" />. Enable it to let them work
          again.
        </Alert>
      ) : null}
      <ConsumerKeys consumer={consumer} onCreate={may.manage ? open : undefined} />
      <Section
        title="Usage"
        about={`Requests with its keys, ${PERIODS[period]}`}
        actions={<PeriodPicker value={period} onChange={setPeriod} />}
      >
        <UsageChart of={{ bucket: consumer.bucket, consumer: consumer.name }} period={period} />
      </Section>
      <Profile consumer={consumer} key={consumer.id} />
      {creating ? <CreateKey consumer={consumer} onClose={close} /> : null}
    </Page>
  );
}
