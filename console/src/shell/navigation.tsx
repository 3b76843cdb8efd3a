import {
  ActionIcon,
  Badge,
  Group,
  NavLink,
  ScrollArea,
  Stack,
  Text,
  Tooltip,
  useMantineColorScheme,
} from "@mantine/core";
import {
  Boxes,
  FlaskConical,
  Gauge,
  KeyRound,
  LogOut,
  Moon,
  ScrollText,
  Settings,
  ShieldCheck,
  Sun,
  Users,
  Waypoints,
} from "lucide-react";
import type { ReactNode } from "react";
import { Link, useLocation } from "wouter";
import { useSignOut } from "../api/session";
import { useAdmin } from "../session/context";

export interface Destination {
  to: string;
  label: string;
  icon: ReactNode;
}

/** The pages that this admin may see. */
export function useDestinations(): Destination[] {
  const { may } = useAdmin();
  const all: (Destination & { shown?: boolean })[] = [
    { to: "/", label: "Overview", icon: <Gauge size={18} /> },
    { to: "/consumers", label: "Consumers", icon: <Users size={18} /> },
    { to: "/keys", label: "Keys", icon: <KeyRound size={18} /> },
    { to: "/buckets", label: "Buckets", icon: <Boxes size={18} /> },
    { to: "/try", label: "Try it", icon: <FlaskConical size={18} />, shown: may.manage },
    { to: "/signing-keys", label: "Signing keys", icon: <Waypoints size={18} /> },
    { to: "/audit", label: "Audit log", icon: <ScrollText size={18} />, shown: may.inspect },
    { to: "/admin-tokens", label: "Admin tokens", icon: <ShieldCheck size={18} />, shown: may.survey },
    { to: "/settings", label: "Settings", icon: <Settings size={18} />, shown: may.survey },
  ];
  return all.filter(({ shown }) => shown !== false);
}

export function Navigation({ onGo }: { onGo: () => void }) {
  const destinations = useDestinations();
  const [location] = useLocation();
  return (
    <>
      <ScrollArea flex={1} component="nav" aria-label="Pages">
        <Stack gap={2}>
          {destinations.map(({ to, label, icon }) => {
            const here = to === "/" ? location === "/" : location.startsWith(to);
            return (
              <NavLink
                key={to}
                component={Link}
                href={to}
                label={label}
                leftSection={icon}
                className="nav-link"
                aria-current={here ? "page" : undefined}
                onClick={onGo}
                bdrs="md"
              />
            );
          })}
        </Stack>
      </ScrollArea>
      <WhoIsHere />
    </>
  );
}

function WhoIsHere() {
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
