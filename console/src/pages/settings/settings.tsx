import { Alert, Skeleton, Table, Text } from "@mantine/core";
import { Info } from "lucide-react";
import { useRunningConfig } from "../../api/installation";
import { Command } from "../../parts/command";
import { Page } from "../../parts/page";
import { ProblemAlert } from "../../parts/problem";
import { Section } from "../../parts/section";
import { When } from "../../parts/when";
import { useAdmin } from "../../session/context";
import { Backup } from "./backup";

const ABOUT: Readonly<Record<string, string>> = {
  server: "The data listener",
  admin: "The listener of the admin API and this console",
  store: "Where consumers and keys rest",
  issuer: "Tokens, and the keys that sign them",
  claims: "Which metadata becomes which claim",
  origin: "The protected backends",
  route: "Which requests go where, and what they must bring",
  usage: "How requests are counted",
  log: "What is logged, and how",
};

/** The configuration in force. It is changed in its file, which is read again when it changes. */
export default function SettingsPage() {
  const config = useRunningConfig();
  const { may } = useAdmin();
  return (
    <Page
      title="Settings"
      about={
        config.data ? (
          <>
            From <span className="code">{config.data.file}</span>, in force since{" "}
            <When at={config.data.loaded} />
          </>
        ) : (
          "The configuration in force"
        )
      }
    >
      {config.error ? <ProblemAlert error={config.error} onRetry={() => void config.refetch()} /> : null}
      {config.isPending && !config.error ? <Skeleton height={300} /> : null}
      {config.data ? (
        <>
          <Alert color="gray" role="note" icon={<Info size={18} />}>
            Changed in the file, not here. Routes, origins and limits take effect when it is saved; the rest
            at the next start. Secrets are never shown: only where they come from.
          </Alert>
          <Command text={`mintgate check --config ${config.data.file}`} />
          {may.own ? <Backup /> : null}
          <div className="columns">
            {inOrder(config.data.settings).map(([name, value]) => (
              <Section key={name} title={name} about={ABOUT[name]}>
                <Values value={value} />
              </Section>
            ))}
          </div>
        </>
      ) : null}
    </Page>
  );
}

/** Sections in the order of the file; those that are new come last. */
function inOrder(settings: Record<string, unknown>): [string, unknown][] {
  const known = Object.keys(ABOUT).filter((name) => name in settings);
  const rest = Object.keys(settings).filter((name) => !(name in ABOUT));
  return [...known, ...rest].map((name) => [name, settings[name]]);
}

function Values({ value }: { value: unknown }) {
  if (Array.isArray(value)) {
    if (value.length === 0) return <Text c="dimmed">none</Text>;
    return value.map((item) => <Values key={JSON.stringify(item)} value={item} />);
  }
  const rows = flatten(value);
  if (rows.length === 0) return <Text c="dimmed">none</Text>;
  return (
    <Table withRowBorders={false} verticalSpacing={3} horizontalSpacing={0} mb="xs">
      <Table.Tbody>
        {rows.map(([name, text]) => (
          <Table.Tr key={name}>
            <Table.Td className="code" c="dimmed" w="46%" pr="sm">
              {name}
            </Table.Td>
            <Table.Td className="code">{text}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

/** Settings by their dotted names. */
function flatten(value: unknown, path = ""): [string, string][] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    const text = Array.isArray(value) ? value.map(String).join(", ") : String(value ?? "–");
    return [[path, text || "none"]];
  }
  return Object.entries(value).flatMap(([name, inner]) => flatten(inner, path ? `${path}.${name}` : name));
}
