import { Box, Group, SegmentedControl, Select, Skeleton } from "@mantine/core";
import { KeyRound } from "lucide-react";
import { useMemo } from "react";
import { useBuckets } from "../../api/consumers";
import { type KeyFilter, useKeys } from "../../api/keys";
import { daysFromNow } from "../../format/time";
import { useFilters } from "../../parts/address";
import { Empty } from "../../parts/empty";
import { More } from "../../parts/more";
import { Page } from "../../parts/page";
import { ProblemAlert } from "../../parts/problem";
import { KeyTable } from "./table";

const FILTERS = ["show", "bucket"] as const;

const VIEWS = [
  { value: "all", label: "All" },
  { value: "expiring", label: "Expiring" },
  { value: "unused", label: "Unused" },
  { value: "foreign", label: "Foreign" },
  { value: "revoked", label: "Revoked" },
];

const ABOUT: Readonly<Record<string, string>> = {
  all: "Every key of every consumer",
  expiring: "Active keys that end within 14 days: roll them before their holders notice",
  unused: "Active keys that nobody used for 90 days: candidates for revoking",
  foreign: "Keys of another system that were imported and not rolled yet",
  revoked: "Keys that were ended, and why",
};

const COMMANDS: Readonly<Record<string, string>> = {
  all: "mintgate keys create --consumer alice",
  expiring: "mintgate keys list --state active --expires-before 14d",
  unused: "mintgate keys list --unused-for 90d",
  foreign: "mintgate keys list --foreign",
  revoked: "mintgate keys list --state revoked",
};

/** Keys by what has to be done about them. */
export default function Keys() {
  const [filters, setFilters] = useFilters(FILTERS);
  const show = filters.show ?? "all";
  const buckets = useBuckets();
  const soon = useMemo(() => daysFromNow(14), []);
  const views: Record<string, KeyFilter> = {
    all: {},
    expiring: { state: "active", expires_before: soon },
    unused: { state: "active", unused_for: "90d" },
    foreign: { foreign: true },
    revoked: { state: "revoked" },
  };
  const keys = useKeys({ ...views[show], ...(filters.bucket ? { bucket: filters.bucket } : {}) });
  const found = keys.data?.pages.flatMap((page) => page.data) ?? [];
  return (
    <Page title="Keys" about={ABOUT[show]}>
      <Group gap="sm">
        <SegmentedControl
          aria-label="Which keys"
          size="xs"
          data={VIEWS}
          value={show}
          onChange={(value) => setFilters({ show: value === "all" ? undefined : value })}
        />
        <Select
          w={150}
          aria-label="Bucket"
          placeholder="All buckets"
          clearable
          data={(buckets.data ?? []).map(({ name }) => name)}
          value={filters.bucket ?? null}
          onChange={(bucket) => setFilters({ bucket: bucket ?? undefined })}
        />
      </Group>
      {keys.error ? <ProblemAlert error={keys.error} onRetry={() => void keys.refetch()} /> : null}
      <Box className="surface">
        {keys.isPending && !keys.error ? <Skeleton height={260} /> : null}
        {keys.data && found.length === 0 ? (
          <Empty icon={<KeyRound size={22} />} title="None" command={COMMANDS[show] ?? ""}>
            {show === "all"
              ? "Keys belong to consumers: open one, or make one, and give it a key."
              : "No key is in this state. The same list on the command line:"}
          </Empty>
        ) : null}
        {found.length > 0 ? <KeyTable keys={found} withConsumer /> : null}
        <More query={keys} />
      </Box>
    </Page>
  );
}
