import { Stack, Text, ThemeIcon, Title } from "@mantine/core";
import type { ReactNode } from "react";
import { Command } from "./command";

interface Props {
  icon: ReactNode;
  title: string;
  children: ReactNode;
  command?: string;
  action?: ReactNode;
}

/** Nothing is there: what would be, how to make the first one here, and how on the command line. */
export function Empty({ icon, title, children, command, action }: Props) {
  return (
    <Stack align="center" gap="sm" py={40} px="md">
      <ThemeIcon size={48} radius="xl" variant="light" aria-hidden>
        {icon}
      </ThemeIcon>
      <Title order={2} size="h4" ta="center">
        {title}
      </Title>
      <Text c="dimmed" size="sm" ta="center" maw={460} component="div">
        {children}
      </Text>
      {action}
      {command ? <Command text={command} /> : null}
    </Stack>
  );
}
