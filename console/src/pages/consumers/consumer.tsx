import { Alert, Button, Menu, Skeleton, Stack } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { Ban, Ellipsis, Plus, Trash2 } from "lucide-react";
import { useState } from "react";
import { useLocation, useParams } from "wouter";
import { type Consumer, useConsumer, useDeleteConsumer, useUpdateConsumer } from "../../api/consumers";
import type { Period } from "../../api/usage";
import { PERIODS, PeriodPicker, UsageChart } from "../../chart/usage-chart";
import { Confirm } from "../../parts/confirm";
import { useNotice } from "../../parts/notice";
import { Page } from "../../parts/page";
import { ProblemAlert } from "../../parts/problem";
import { Section } from "../../parts/section";
import { When } from "../../parts/when";
import { useAdmin } from "../../session/context";
import { CreateKey } from "../keys/create";
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

/** What is rarely wanted, and asks before it is done. */
function Actions({ consumer }: { consumer: Consumer }) {
  const [asking, setAsking] = useState<"disable" | "enable" | "delete">();
  const update = useUpdateConsumer(consumer);
  const remove = useDeleteConsumer(consumer);
  const [, go] = useLocation();
  const say = useNotice();
  const done = () => setAsking(undefined);
  const disabled = consumer.state === "disabled";
  const setState = (state: "active" | "disabled") =>
    update.mutate(
      { change: { state }, revision: consumer.revision },
      {
        onSuccess: () => {
          done();
          say(
            state === "active"
              ? `${consumer.name} is enabled`
              : `${consumer.name} is disabled: its keys are refused from now on`,
          );
        },
      },
    );
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <Button variant="default" px="xs" aria-label="More actions">
            <Ellipsis size={18} />
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item
            leftSection={<Ban size={16} />}
            onClick={() => setAsking(disabled ? "enable" : "disable")}
          >
            {disabled ? "Enable" : "Disable"}
          </Menu.Item>
          <Menu.Item color="red" leftSection={<Trash2 size={16} />} onClick={() => setAsking("delete")}>
            Delete…
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {asking === "disable" || asking === "enable" ? (
        <Confirm
          title={asking === "disable" ? `Disable ${consumer.name}?` : `Enable ${consumer.name}?`}
          action={asking === "disable" ? "Disable" : "Enable"}
          color={asking === "disable" ? "orange" : "mint"}
          busy={update.isPending}
          error={update.error}
          onConfirm={() => setState(asking === "disable" ? "disabled" : "active")}
          onClose={done}
        >
          {asking === "disable"
            ? "Every request with one of its keys is refused at once. Nothing is lost: enabling it lets the same keys work again."
            : "Its keys work again at once, as far as they are neither expired nor revoked."}
        </Confirm>
      ) : null}
      {asking === "delete" ? (
        <Confirm
          title={`Delete ${consumer.name}?`}
          action="Delete for good"
          color="red"
          typed={consumer.name}
          busy={remove.isPending}
          error={remove.error}
          onConfirm={() =>
            remove.mutate(undefined, {
              onSuccess: () => {
                say(`${consumer.name} and its keys are deleted`);
                go("/consumers");
              },
            })
          }
          onClose={done}
        >
          <Stack gap={4}>
            <span>
              The consumer and all its keys are removed. Requests with them are refused at once, and this
              cannot be undone.
            </span>
            <span>To stop it for a while, disable it instead.</span>
          </Stack>
        </Confirm>
      ) : null}
    </>
  );
}
