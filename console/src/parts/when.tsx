import { Tooltip } from "@mantine/core";
import { absolute, relative } from "../format/time";

/** A moment, by its distance from now; the moment itself on demand. */
export function When({ at, none = "never" }: { at: string | null | undefined; none?: string }) {
  if (!at) return <>{none}</>;
  return (
    <Tooltip label={absolute(at)}>
      <time dateTime={at}>{relative(at)}</time>
    </Tooltip>
  );
}
