import { Anchor, Box, Button, Skeleton, Text, TextInput } from "@mantine/core";
import { Download, ScrollText, ShieldCheck } from "lucide-react";
import { useEffect } from "react";
import { type AuditFilter, auditExport, useAudit, useVerifyAudit } from "../../api/admins";
import { useBuckets } from "../../api/buckets";
import { defined, oneOf, useFilters } from "../../parts/address";
import { ChosenFilter } from "../../parts/chosen-filter";
import { Empty } from "../../parts/empty";
import { More } from "../../parts/more";
import { Page } from "../../parts/page";
import { ProblemAlert } from "../../parts/problem";
import { TypedFilter } from "../../parts/typed-filter";
import { useAdmin } from "../../session/context";
import { AuditList } from "./entries";
import { Verdict } from "./verdict";

const FILTERS = ["actor", "action", "target", "bucket", "outcome", "from", "to"] as const;

/** Who did what, newest first. */
export default function Audit() {
  const [filters, setFilters] = useFilters(FILTERS);
  const wanted = asked(filters);
  const log = useAudit(wanted);
  const verify = useVerifyAudit();
  const { may } = useAdmin();
  const found = log.data?.pages.flatMap((page) => page.data) ?? [];
  const { reset } = verify;
  useEffect(() => reset, [reset]);
  return (
    <Page
      title="Audit log"
      about="Every change, by whom, from where. Each entry holds the hash of the one before it"
      actions={
        <>
          {may.survey ? (
            <Button
              variant="default"
              leftSection={<ShieldCheck size={16} />}
              loading={verify.isPending}
              onClick={() => verify.mutate()}
            >
              Verify
            </Button>
          ) : null}
          <Button
            variant="default"
            component="a"
            href={auditExport(wanted)}
            download="audit.jsonl"
            leftSection={<Download size={16} />}
          >
            Export
          </Button>
        </>
      }
    >
      {verify.error ? <ProblemAlert error={verify.error} /> : null}
      {verify.data ? <Verdict verdict={verify.data} onClose={reset} /> : null}
      <Filters filters={filters} onChange={setFilters} />
      {log.error ? <ProblemAlert error={log.error} onRetry={() => void log.refetch()} /> : null}
      <Box className="surface">
        {log.isPending && !log.error ? <Skeleton height={260} /> : null}
        {log.data && found.length === 0 ? (
          <Empty icon={<ScrollText size={22} />} title="No entries" command="mintgate audit list">
            {Object.keys(filters).length > 0 ? (
              <>
                Nothing matches.{" "}
                <Anchor
                  component="button"
                  size="sm"
                  onClick={() => setFilters(Object.fromEntries(FILTERS.map((name) => [name, undefined])))}
                >
                  Show everything
                </Anchor>
              </>
            ) : (
              "Whoever creates, changes, rolls or revokes something leaves an entry here."
            )}
          </Empty>
        ) : null}
        {found.length > 0 ? <AuditList entries={found} /> : null}
        <More query={log} />
      </Box>
    </Page>
  );
}

type Typed = Partial<Record<(typeof FILTERS)[number], string>>;

/** Days become moments, the last one included. */
function asked({ from, to, outcome, ...rest }: Typed): AuditFilter {
  const after = to ? new Date(Date.parse(to) + 86_400_000).toISOString().replace(/\.\d+Z$/, "Z") : undefined;
  return {
    ...rest,
    ...defined({ outcome: oneOf(outcome, ["done", "refused"]) }),
    ...(from ? { from: `${from}T00:00:00Z` } : {}),
    ...(after ? { to: after } : {}),
  };
}

function Filters({
  filters,
  onChange,
}: {
  filters: Typed;
  onChange: (change: Record<string, string | undefined>) => void;
}) {
  const buckets = useBuckets();
  const text = (name: "actor" | "action" | "target", placeholder: string) => (
    <TypedFilter
      label={name}
      placeholder={placeholder}
      value={filters[name]}
      onApply={(value) => onChange({ [name]: value })}
    />
  );
  const day = (name: "from" | "to") => (
    <TextInput
      type="date"
      leftSection={
        <Text size="xs" c="dimmed" aria-hidden>
          {name === "from" ? "From" : "To"}
        </Text>
      }
      leftSectionWidth={44}
      className="wide"
      aria-label={name === "from" ? "From day" : "To day"}
      value={filters[name] ?? ""}
      onChange={(event) => onChange({ [name]: event.currentTarget.value || undefined })}
    />
  );
  return (
    <div className="filters">
      {text("actor", "Who")}
      {text("action", "Action")}
      {text("target", "What")}
      <ChosenFilter
        label="Bucket"
        placeholder="All buckets"
        data={(buckets.data ?? []).map(({ name }) => name)}
        value={filters.bucket}
        onChange={(bucket) => onChange({ bucket })}
      />
      <ChosenFilter
        label="Outcome"
        placeholder="Any outcome"
        data={["done", "refused"]}
        value={filters.outcome}
        onChange={(outcome) => onChange({ outcome })}
      />
      {day("from")}
      {day("to")}
    </div>
  );
}
