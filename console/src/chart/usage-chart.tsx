import { Group, SegmentedControl, Skeleton, Text } from "@mantine/core";
import { useOwnUsage } from "../api/own";
import { type Period, type UsageOf, useUsage } from "../api/usage";
import { exact, percent } from "../format/number";
import { ProblemAlert } from "../parts/problem";
import { Bars, type Series } from "./bars";

export const BY_STATUS: readonly Series[] = [
  { name: "2xx", label: "Answered (2xx)", color: "var(--ok)" },
  { name: "3xx", label: "Redirected (3xx)", color: "var(--redirect)" },
  { name: "4xx", label: "Caller's error (4xx)", color: "var(--client-error)" },
  { name: "5xx", label: "Failed (5xx)", color: "var(--server-error)" },
];

interface Props {
  of: UsageOf;
  period: Period;
  height?: number;
}

/** Requests over time by status, of one key, one consumer, or all. */
export function UsageChart({ of, period, height }: Props) {
  return <Chart usage={useUsage(of, period)} period={period} {...(height ? { height } : {})} />;
}

/** The same, of what somebody manages. */
export function OwnUsageChart({ of, period }: Omit<Props, "height">) {
  return <Chart usage={useOwnUsage(of, period)} period={period} />;
}

interface ChartProps {
  usage: ReturnType<typeof useUsage>;
  period: Period;
  height?: number;
}

function Chart({ usage, period, height }: ChartProps) {
  if (usage.isPending) return <Skeleton height={height ?? 230} />;
  if (usage.error) return <ProblemAlert error={usage.error} onRetry={() => void usage.refetch()} />;
  const { points, step, totals } = usage.data;
  const label = `${exact(totals.requests)} requests in ${PERIODS[period]}; ${percent(totals.by_status["5xx"], totals.requests)} failed`;
  const shown = BY_STATUS.filter(({ name }) => name !== "3xx" || totals.by_status["3xx"] > 0);
  return (
    <>
      <Bars
        bars={points.map((point) => ({ at: point.at, values: { ...point.by_status } }))}
        series={shown}
        step={step}
        label={label}
        {...(height ? { height } : {})}
      />
      {totals.requests === 0 ? (
        <Text size="sm" c="dimmed" mt="xs">
          No requests in {PERIODS[period]}. The first one shows up within seconds of being answered.
        </Text>
      ) : null}
    </>
  );
}

export const PERIODS: Readonly<Record<Period, string>> = {
  "24h": "the last 24 hours",
  "7d": "the last 7 days",
  "30d": "the last 30 days",
  "90d": "the last 90 days",
};

export function PeriodPicker({ value, onChange }: { value: Period; onChange: (period: Period) => void }) {
  return (
    <Group>
      <SegmentedControl
        size="xs"
        aria-label="Period"
        value={value}
        onChange={(chosen) => onChange(chosen as Period)}
        data={["24h", "7d", "30d", "90d"]}
      />
    </Group>
  );
}
