import { useElementSize } from "@mantine/hooks";
import type { SigningKey } from "../../api/installation";
import { absolute } from "../../format/time";
import classes from "./timeline.module.css";

interface Props {
  keys: readonly SigningKey[];
  next?: string;
}

interface Span {
  key: SigningKey;
  from: number;
  to: number;
  ends: boolean;
}

const ROW = 34;
const HEAD = 24;
const MOST = 8;

/** Each key as a bar from when it was made to when it leaves the JWKS, with now and the next rotation. */
export function Timeline({ keys, next }: Props) {
  const { ref, width } = useElementSize();
  const now = Date.now();
  const spans = keys.slice(-MOST).map((key) => spanOf(key, now, next));
  const first = Math.min(now - 3_600_000, ...spans.map(({ from }) => from));
  const last = Math.max(now + 3_600_000, ...spans.map(({ to }) => to), next ? Date.parse(next) : 0);
  const pad = (last - first) * 0.04;
  const x = (at: number) => ((at - first + pad) / (last - first + 2 * pad)) * width;
  const height = HEAD + spans.length * ROW + 8;
  return (
    <div ref={ref}>
      <svg width="100%" height={height} role="img" aria-label={inWords(keys, next)}>
        {spans.map(({ key, from, to, ends }, index) => (
          <g key={key.kid} transform={`translate(0 ${HEAD + index * ROW})`}>
            <rect
              className={classes[key.state]}
              x={x(from)}
              width={Math.max(6, x(to) - x(from))}
              height={ROW - 10}
              rx={6}
              strokeDasharray={ends ? undefined : "4 3"}
            />
            <text className={classes.name} x={Math.min(x(from) + 8, Math.max(8, width - 150))} y={16}>
              {key.kid.slice(0, 10)} · {key.state}
            </text>
          </g>
        ))}
        <Mark x={x(now)} height={height} text="now" width={width} />
        {next ? (
          <Mark
            x={x(Date.parse(next))}
            height={height}
            text={`next ${absolute(next).slice(0, 11)}`}
            dashed
            width={width}
          />
        ) : null}
      </svg>
    </div>
  );
}

function spanOf(key: SigningKey, now: number, next: string | undefined): Span {
  const from = Date.parse(key.created);
  if (key.until) return { key, from, to: Date.parse(key.until), ends: true };
  if (key.state === "retired") return { key, from, to: Math.max(from, Date.parse(key.since)), ends: true };
  const open = key.state === "active" && next ? Date.parse(next) : now;
  return { key, from, to: Math.max(now, open), ends: false };
}

function Mark({
  x,
  height,
  text,
  dashed,
  width,
}: {
  x: number;
  height: number;
  text: string;
  dashed?: boolean;
  width: number;
}) {
  const anchor = x > width - 90 ? "end" : x < 60 ? "start" : "middle";
  return (
    <g>
      <line className={dashed ? classes.next : classes.now} x1={x} x2={x} y1={18} y2={height} />
      <text className={classes.mark} x={x} y={12} textAnchor={anchor}>
        {text}
      </text>
    </g>
  );
}

function inWords(keys: readonly SigningKey[], next: string | undefined): string {
  const words = keys.map(
    ({ kid, state, since }) => `${kid.slice(0, 10)} is ${state} since ${absolute(since)}`,
  );
  return [...words, next ? `the next rotation begins ${absolute(next)}` : ""].filter(Boolean).join("; ");
}
