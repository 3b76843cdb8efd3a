import { Button, Group, Text } from "@mantine/core";
import { Download } from "lucide-react";
import { useStatus } from "../../api/installation";
import { Section } from "../../parts/section";

/** A copy of the embedded store, for those who own everything in it. */
export function Backup() {
  const status = useStatus();
  if (status.data?.store.kind !== "sqlite") return null;
  return (
    <Section title="Backup">
      <Group justify="space-between" gap="md">
        <Text size="sm" flex="1 1 320px" maw={640}>
          A copy of the whole store, taken while it serves. <span className="code">mintgate restore</span>{" "}
          holds it to the checksum that it begins with. It is of no use without the master key, which is not
          in it: keep the two apart.
        </Text>
        <Button
          component="a"
          variant="default"
          href="/v1/backup"
          download="mintgate.backup"
          leftSection={<Download size={16} />}
        >
          Download
        </Button>
      </Group>
    </Section>
  );
}
