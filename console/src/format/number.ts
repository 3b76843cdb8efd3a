const COMPACT = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });
const EXACT = new Intl.NumberFormat("en");

/** 12,345 as it is; more than that shortened. */
export function count(value: number): string {
  return value < 100_000 ? EXACT.format(value) : COMPACT.format(value);
}

export function exact(value: number): string {
  return EXACT.format(value);
}

/** A share in per cent, where there is something to share. */
export function percent(part: number, whole: number): string {
  if (whole === 0) return "–";
  if (part === 0) return "0 %";
  const share = (100 * part) / whole;
  return share > 0 && share < 0.1 ? "<0.1 %" : `${share.toFixed(share < 10 ? 1 : 0)} %`;
}
