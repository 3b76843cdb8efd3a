import { absolute, relative } from "../format/time";

/**
 * A moment, by its distance from now; the moment itself on demand. A plain title: lists have a hundred of these, and
 * a tooltip each would take longer to make than all else in them.
 */
export function When({ at, none = "never" }: { at: string | null | undefined; none?: string }) {
  if (!at) return <>{none}</>;
  return (
    <time dateTime={at} title={absolute(at)}>
      {relative(at)}
    </time>
  );
}
