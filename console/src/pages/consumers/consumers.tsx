import { Box, Button, Select, Skeleton, Table, TextInput } from "@mantine/core";
import { useDebouncedValue, useDisclosure } from "@mantine/hooks";
import { Plus, Search, Users } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useLocation } from "wouter";
import { useBuckets } from "../../api/buckets";
import { useConsumers } from "../../api/consumers";
import { looksLikeKey } from "../../format/key";
import { defined, oneOf, useFilters } from "../../parts/address";
import { ChosenFilter } from "../../parts/chosen-filter";
import { Empty } from "../../parts/empty";
import { More } from "../../parts/more";
import { Page } from "../../parts/page";
import { ProblemAlert } from "../../parts/problem";
import { TypedFilter } from "../../parts/typed-filter";
import { useAdmin } from "../../session/context";
import { CreateConsumer } from "./create";
import { ConsumerRow } from "./row";

const FILTERS = ["q", "bucket", "state", "tag", "metadata", "sort"] as const;

/** All consumers, found as one types. */
export default function Consumers() {
  const [filters, setFilters] = useFilters(FILTERS);
  const [typed, setTyped] = useState(filters.q ?? "");
  const [q] = useDebouncedValue(typed, 150);
  const { may } = useAdmin();
  const [creating, { open, close }] = useDisclosure(false);
  const buckets = useBuckets();
  const { state, sort, ...rest } = filters;
  const consumers = useConsumers({
    ...rest,
    ...defined({ state: oneOf(state, ["active", "disabled"]), sort: oneOf(sort, ["created", "last_used"]) }),
  });
  const found = consumers.data?.pages.flatMap((page) => page.data) ?? [];
  const filtered = Object.keys(filters).length > 0;
  const seen = useRef(q);
  useEffect(() => {
    // A whole key is no search: it would end up in an address. The field says where it goes.
    if (q === seen.current || looksLikeKey(q)) return;
    seen.current = q;
    setFilters({ q: q || undefined });
  }, [q, setFilters]);
  const create = may.manage ? (
    <Button leftSection={<Plus size={16} />} onClick={open}>
      New consumer
    </Button>
  ) : null;
  return (
    <Page title="Consumers" about="Who holds keys: customers, teams, programs" actions={create}>
      <div className="filters">
        <TextInput
          className="wide"
          aria-label="Find consumers"
          placeholder="Name, subject, tag, key id or label"
          leftSection={<Search size={16} />}
          value={typed}
          error={
            looksLikeKey(typed)
              ? "This is a whole key. Press / and paste it there: it will not stand in an address."
              : undefined
          }
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
        <TypedFilter
          label="Tag"
          placeholder="tag:value"
          value={filters.tag}
          onApply={(tag) => setFilters({ tag })}
        />
        <TypedFilter
          label="Metadata"
          placeholder="/member:value"
          value={filters.metadata}
          onApply={(metadata) => setFilters({ metadata })}
        />
        <ChosenFilter
          label="Bucket"
          placeholder="All buckets"
          data={(buckets.data ?? []).map(({ name }) => name)}
          value={filters.bucket}
          onChange={(bucket) => setFilters({ bucket })}
        />
        <ChosenFilter
          label="State"
          placeholder="Any state"
          data={["active", "disabled"]}
          value={filters.state}
          onChange={(state) => setFilters({ state })}
        />
        <Select
          aria-label="Order"
          data={[
            { value: "name", label: "By name" },
            { value: "created", label: "Newest first" },
            { value: "last_used", label: "Last used first" },
          ]}
          value={filters.sort ?? "name"}
          allowDeselect={false}
          onChange={(sort) => setFilters({ sort: sort === "name" ? undefined : (sort ?? undefined) })}
        />
      </div>
      {consumers.error ? (
        <ProblemAlert error={consumers.error} onRetry={() => void consumers.refetch()} />
      ) : null}
      <Box className="surface" aria-busy={consumers.isFetching}>
        {consumers.isPending && !consumers.error ? <Skeleton height={260} /> : null}
        {consumers.data && found.length === 0 ? <Nothing filtered={filtered} create={create} /> : null}
        {found.length > 0 ? <List found={found} /> : null}
        <More query={consumers} />
      </Box>
      {creating ? <CreateConsumer bucket={filters.bucket} onClose={close} /> : null}
    </Page>
  );
}

function List({ found }: { found: Parameters<typeof ConsumerRow>[0]["consumer"][] }) {
  const [, go] = useLocation();
  const [active, setActive] = useState(-1);
  const rows = useRef<HTMLTableSectionElement>(null);
  const move = (to: number) => {
    const next = Math.max(0, Math.min(found.length - 1, to));
    setActive(next);
    rows.current?.querySelectorAll<HTMLAnchorElement>("a.row-link")[next]?.focus();
  };
  return (
    <Table
      verticalSpacing="sm"
      horizontalSpacing="md"
      highlightOnHover
      onKeyDown={(event) => {
        if (event.key === "ArrowDown") move(active + 1);
        else if (event.key === "ArrowUp") move(active - 1);
        else return;
        event.preventDefault();
      }}
    >
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Consumer</Table.Th>
          <Table.Th visibleFrom="sm">Bucket</Table.Th>
          <Table.Th visibleFrom="md">Tags</Table.Th>
          <Table.Th>State</Table.Th>
          <Table.Th visibleFrom="sm">Last used</Table.Th>
          <Table.Th visibleFrom="md">Created</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody ref={rows}>
        {found.map((consumer, index) => (
          <ConsumerRow
            key={consumer.id}
            consumer={consumer}
            active={index === active}
            onFocus={() => setActive(index)}
            onOpen={(to) => go(to)}
          />
        ))}
      </Table.Tbody>
    </Table>
  );
}

function Nothing({ filtered, create }: { filtered: boolean; create: React.ReactNode }) {
  if (filtered) {
    return (
      <Empty icon={<Search size={22} />} title="No consumer matches">
        The search looks at names, subjects, tag values, key ids and key labels; fewer letters find more. A
        tag and a value of the metadata are matched whole, such as <span className="code">plan:gold</span> and{" "}
        <span className="code">/customer:4200</span>.
      </Empty>
    );
  }
  return (
    <Empty
      icon={<Users size={22} />}
      title="No consumers yet"
      command="mintgate consumers create alice"
      action={create}
    >
      A consumer is whoever calls your API: a customer, a team, a program. Its keys stop at the gate; the
      origin sees a short-lived token that names the consumer.
    </Empty>
  );
}
