import { Button, Skeleton } from "@mantine/core";
import { KeyRound } from "lucide-react";
import type { Consumer } from "../../api/consumers";
import { useConsumerKeys } from "../../api/keys";
import { Empty } from "../../parts/empty";
import { More } from "../../parts/more";
import { ProblemAlert } from "../../parts/problem";
import { Section } from "../../parts/section";
import { KeyTable } from "../keys/table";

/** The keys of a consumer. */
export function ConsumerKeys({
  consumer,
  onCreate,
}: {
  consumer: Consumer;
  onCreate: (() => void) | undefined;
}) {
  const keys = useConsumerKeys(consumer.bucket, consumer.name);
  const all = keys.data?.pages.flatMap((page) => page.data) ?? [];
  return (
    <Section title="Keys" flush>
      {keys.error ? <ProblemAlert error={keys.error} onRetry={() => void keys.refetch()} /> : null}
      {keys.isPending ? <Skeleton height={120} /> : null}
      {keys.data && all.length === 0 ? (
        <Empty
          icon={<KeyRound size={22} />}
          title="No keys yet"
          command={`mintgate keys create --consumer ${consumer.name}`}
          action={onCreate ? <Button onClick={onCreate}>New key</Button> : null}
        >
          A key is what the consumer sends with each request. It is shown once, when it is made.
        </Empty>
      ) : null}
      {all.length > 0 ? <KeyTable keys={all} /> : null}
      <More query={keys} />
    </Section>
  );
}
