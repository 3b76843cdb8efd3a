import { Badge, Text } from "@mantine/core";
import type { Key } from "../../api/keys";
import { When } from "../../parts/when";

/** What stands for each state. */
export const COLOURS: Readonly<Record<Key["state"], string>> = {
  active: "mint",
  rolled: "blue",
  expired: "gray",
  revoked: "red",
};

/** Whether a key works, and until when. */
export function KeyState({ shown }: { shown: Key }) {
  return (
    <div>
      <Badge variant="light" color={COLOURS[shown.state]}>
        {shown.state}
      </Badge>
      {shown.state === "rolled" && shown.rolled ? (
        <Text size="xs" c="dimmed">
          ends <When at={shown.rolled.until} />
        </Text>
      ) : null}
      {shown.state === "revoked" && shown.revoked ? (
        <Text size="xs" c="dimmed" className="plain">
          <When at={shown.revoked.at} />
          {shown.revoked.reason ? `: ${shown.revoked.reason}` : ""}
        </Text>
      ) : null}
    </div>
  );
}
