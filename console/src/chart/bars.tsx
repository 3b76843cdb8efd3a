import { Group, Text } from "@mantine/core";
import { useElementSize } from "@mantine/hooks";
import { type PointerEvent, useState } from "react";
import { count, exact } from "../format/number";
import classes from "./bars.module.css";
import { ceiling, spread } from "./scale";

export interface Series {
  name: string;
  label: string;
  color: string;
}

export interface Bar {
  at: string;
  values: Readonly<Record<string, number>>;
}

interface Props {
  bars: readonly Bar[];
  series: readonly Series[];
  step: "hour" | "day";
  /** What a screen reader hears. */
  label: string;
  height?: number;
}

const LEFT = 44;
const BOTTOM = 22;
const TOP = 8;

/** Stacked bars over time. Only what is there is drawn; the totals stand below, as text. */
export function Bars({ bars, series, step, label, height = 200 }: Props) {
  const { ref, width } = useElementSize();
  const [at, setAt] = useState<number>();
  const sum = (bar: Bar) => series.reduce((total, { name }) => total + (bar.values[name] ?? 0), 0);
  const top = ceiling(Math.max(0, ...bars.map(sum)));
  const inner = height - TOP - BOTTOM;
  const slot = bars.length ? Math.max(0, width - LEFT) / bars.length : 0;
  const y = (value: number) => TOP + inner * (1 - value / top);
  const point = (event: PointerEvent<SVGSVGElement>) => {
    const x = event.clientX - event.currentTarget.getBoundingClientRect().left - LEFT;
    const index = Math.floor(x / slot);
    setAt(index >= 0 && index < bars.length ? index : undefined);
  };
  const bar = at === undefined ? undefined : bars[at];
  return (
    <div>
      <div ref={ref} className={classes.frame}>
        <svg
          width="100%"
          height={height}
          role="img"
          aria-label={label}
          onPointerMove={point}
          onPointerLeave={() => setAt(undefined)}
        >
          {[0, 1, 2, 3].map((line) => (
            <g key={line}>
              <line
                className={classes.grid}
                x1={LEFT}
                x2="100%"
                y1={y((top * line) / 3)}
                y2={y((top * line) / 3)}
              />
              <text className={classes.tick} x={LEFT - 8} y={y((top * line) / 3) + 4} textAnchor="end">
                {count((top * line) / 3)}
              </text>
            </g>
          ))}
          {bars.map((each, index) => (
            <Column
              key={each.at}
              bar={each}
              series={series}
              x={LEFT + index * slot}
              width={slot}
              y={y}
              faded={at !== undefined && at !== index}
            />
          ))}
          {ticks(bars, step, Math.max(2, Math.floor(width / 90))).map((index) => (
            <text key={index} className={classes.tick} x={LEFT + index * slot} y={height - 5}>
              {tick(bars[index]?.at ?? "", step, bars.length)}
            </text>
          ))}
        </svg>
        {bar && at !== undefined ? (
          <div
            className={classes.tip}
            style={{ left: Math.min(Math.max(0, LEFT + at * slot - 60), Math.max(0, width - 170)) }}
          >
            <strong>{tick(bar.at, step, 0)}</strong>
            {series.map(({ name, label: called, color }) => (
              <span key={name}>
                <i style={{ background: color }} /> {called}: {exact(bar.values[name] ?? 0)}
              </span>
            ))}
          </div>
        ) : null}
      </div>
      <Group gap="md" mt="xs">
        {series.map(({ name, label: called, color }) => (
          <Text size="xs" key={name} className={classes.legend}>
            <i style={{ background: color }} /> {called}{" "}
            <b className="figure">
              {count(bars.reduce((total, each) => total + (each.values[name] ?? 0), 0))}
            </b>
          </Text>
        ))}
      </Group>
    </div>
  );
}

interface ColumnProps {
  bar: Bar;
  series: readonly Series[];
  x: number;
  width: number;
  y: (value: number) => number;
  faded: boolean;
}

function Column({ bar, series, x, width, y, faded }: ColumnProps) {
  let below = 0;
  const gap = width > 5 ? Math.min(4, width * 0.22) : 0;
  return (
    <g opacity={faded ? 0.45 : 1}>
      {series.map(({ name, color }) => {
        const value = bar.values[name] ?? 0;
        if (value === 0) return null;
        const [from, to] = [y(below), y(below + value)];
        below += value;
        return (
          <rect
            key={name}
            x={x + gap / 2}
            y={to}
            width={Math.max(0.5, width - gap)}
            height={from - to}
            fill={color}
            rx={width > 8 ? 1.5 : 0}
          />
        );
      })}
    </g>
  );
}

/** Which bars are named below: of many hours, those at which a day begins. */
function ticks(bars: readonly Bar[], step: "hour" | "day", most: number): number[] {
  if (step === "day" || bars.length <= 48) return spread(bars.length, most);
  const mornings = bars.flatMap(({ at }, index) => (new Date(at).getHours() === 0 ? [index] : []));
  return spread(mornings.length, most).flatMap((nth) => mornings[nth] ?? []);
}

function tick(at: string, step: "hour" | "day", length: number): string {
  if (!at) return "";
  const date = new Date(at);
  const hour = date.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
  const day = date.toLocaleDateString("en-GB", { day: "numeric", month: "short" });
  if (step === "day") return day;
  if (length === 0) return `${day}, ${hour}`;
  return length > 48 ? day : hour;
}
