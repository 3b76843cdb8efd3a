import { differences } from "../format/differences";
import { visible } from "../format/visible";
import classes from "./diff.module.css";

/** What changed between two values, member by member, as text. */
export function Diff({ before, after }: { before: unknown; after: unknown }) {
  const changes = differences(before, after);
  if (changes.length === 0) return <span>Nothing that is shown here.</span>;
  return (
    <dl className={classes.diff}>
      {changes.map(({ path, from, to }) => (
        <div key={path}>
          <dt className="code">{visible(path) || "(all)"}</dt>
          <dd>
            {from === undefined ? null : <del className="removed code">{from}</del>}
            {to === undefined ? null : <ins className="added code">{to}</ins>}
          </dd>
        </div>
      ))}
    </dl>
  );
}
