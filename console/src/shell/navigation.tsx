import { NavLink, ScrollArea, Stack } from "@mantine/core";
import {
  Boxes,
  FlaskConical,
  Gauge,
  KeyRound,
  ScrollText,
  Settings,
  ShieldCheck,
  Users,
  Waypoints,
} from "lucide-react";
import type { ReactNode } from "react";
import { Link, useLocation } from "wouter";
import { useAdmin } from "../session/context";
import { WhoIsHere } from "./who";

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
