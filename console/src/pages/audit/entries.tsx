import { Badge, Group, Text, UnstyledButton } from "@mantine/core";
import { ChevronDown, ChevronRight } from "lucide-react";
import { useState } from "react";
import type { AuditEntry } from "../../api/admins";
import { absolute } from "../../format/time";
import { Diff } from "../../parts/diff";
import { Fact } from "../../parts/fact";
import { When } from "../../parts/when";
import classes from "./entries.module.css";

/** Entries as lines that open. */
export function AuditList({ entries }: { entries: readonly AuditEntry[] }) {
  return (
    <ol className={classes.list}>
      {entries.map((entry) => (
        <Entry key={entry.seq} entry={entry} />
      ))}
    </ol>
  );
}

function Entry({ entry }: { entry: AuditEntry }) {
  const [open, setOpen] = useState(false);
  const target = entry.target.name || entry.target.id || "";
  return (
    <li>
      <UnstyledButton className={classes.line} aria-expanded={open} onClick={() => setOpen(!open)}>
        {open ? <ChevronDown size={16} aria-hidden /> : <ChevronRight size={16} aria-hidden />}
        <span className={classes.what}>
          <b>{entry.actor.name}</b> <span className="code">{entry.action}</span>{" "}
          <span className="plain">
            {entry.target.kind.replaceAll("_", " ")} {target}
          </span>
        </span>
        {entry.outcome === "refused" ? (
          <Badge variant="light" color="red" className={classes.outcome}>
            refused
          </Badge>
        ) : null}
        <Text size="sm" c="dimmed" className={classes.when}>
          <When at={entry.at} />
        </Text>
      </UnstyledButton>
      {open ? <Detail entry={entry} /> : null}
    </li>
  );
}

function Detail({ entry }: { entry: AuditEntry }) {
  const changed = entry.before != null || entry.after != null;
  return (
    <div className={classes.detail}>
      <Group gap="xl" mb={changed ? "md" : 0} align="flex-start">
        <Fact label="When">{absolute(entry.at)}</Fact>
        <Fact label="Who">
          {entry.actor.name} ({entry.actor.kind})
        </Fact>
        <Fact label="From">{entry.address ?? "–"}</Fact>
        <Fact label="What">
          {entry.target.kind} <span className="code">{entry.target.id ?? entry.target.name}</span>
          {entry.target.bucket ? ` in ${entry.target.bucket}` : ""}
        </Fact>
        {entry.code ? (
          <Fact label="Refused as">
            <span className="code">{entry.code}</span>
          </Fact>
        ) : null}
        <Fact label="Request">
          <span className="code">{entry.request_id ?? "–"}</span>
        </Fact>
        <Fact label={`Entry ${entry.seq}, hash`}>
          <span className="code">{entry.hash.slice(0, 16)}…</span>
        </Fact>
      </Group>
      {changed ? <Diff before={entry.before ?? undefined} after={entry.after ?? undefined} /> : null}
    </div>
  );
}
