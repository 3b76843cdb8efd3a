/** The gate, with a leaf in it. */
export function Logo({ size }: { size: number }) {
  return <img src="/console/icon.svg" width={size} height={size} alt="" />;
}
