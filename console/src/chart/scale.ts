// Round numbers for an axis.

/** A number at or above `most` that divides into `steps` round parts. */
export function ceiling(most: number, steps = 3): number {
  if (most <= steps) return steps;
  const rough = most / steps;
  const power = 10 ** Math.floor(Math.log10(rough));
  const unit = [1, 2, 2.5, 5, 10]
    .map((factor) => factor * power)
    .find((candidate) => candidate >= rough && Number.isInteger(candidate));
  return (unit ?? 10 * power) * steps;
}

/** At most `most` of the indices below `length`, evenly spread, the first one among them. */
export function spread(length: number, most: number): number[] {
  const every = Math.max(1, Math.ceil(length / most));
  return Array.from({ length: Math.ceil(length / every) }, (_, index) => index * every);
}
