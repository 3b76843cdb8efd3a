import { ActionIcon, Badge, Group, Text, Tooltip, useMantineColorScheme } from "@mantine/core";
import { LogOut, Moon, Sun } from "lucide-react";
import { useSignOut } from "../api/session";
import { useAdmin } from "../session/context";

/** Who has signed in, and the way out. */
export function WhoIsHere() {
  const { session } = useAdmin();
  const signOut = useSignOut();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const dark =
    colorScheme === "dark" ||
    (colorScheme === "auto" && window.matchMedia("(prefers-color-scheme: dark)").matches);
  const other = dark ? "light" : "dark";
  return (
    <Group justify="space-between" wrap="nowrap" gap="xs" px="xs" pt="sm">
      <div className="plain">
        <Text size="sm" fw={600} lineClamp={1}>
          {session.name}
        </Text>
        <Badge size="xs" variant="light" color="gray">
          {session.role}
        </Badge>
      </div>
      <Group gap={2} wrap="nowrap">
        <Tooltip label={`Use the ${other} scheme`}>
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={`Use the ${other} scheme`}
            onClick={() => setColorScheme(other)}
          >
            {dark ? <Sun size={17} /> : <Moon size={17} />}
          </ActionIcon>
        </Tooltip>
        <Tooltip label="Sign out">
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label="Sign out"
            loading={signOut.isPending}
            onClick={() => signOut.mutate()}
          >
            <LogOut size={17} />
          </ActionIcon>
        </Tooltip>
      </Group>
    </Group>
  );
}
