const LENGTHS: Readonly<Record<string, number>> = { ms: 1, s: 1e3, m: 6e4, h: 3.6e6, d: 8.64e7, w: 6.048e8 };

/** The length of a span as the configuration writes it: `30d`, `1h 30m`. */
export function milliseconds(span: string): number | undefined {
  let total = 0;
  const rest = span.replaceAll(/(\d+)\s*(ms|[smhdw])/g, (_, amount: string, unit: string) => {
    total += Number(amount) * (LENGTHS[unit] ?? 0);
    return "";
  });
  return rest.trim() === "" && total > 0 ? total : undefined;
}
