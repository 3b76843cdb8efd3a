import { Group, Stack, Text, Title } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import type { ReactNode } from "react";

interface Props {
  title: string;
  about?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}

/** A page: what it is about, what can be done, and its contents. */
export function Page({ title, about, actions, children }: Props) {
  useDocumentTitle(`${title} · Mintgate`);
  return (
    <Stack gap="lg">
      <Group justify="space-between" align="flex-start" gap="sm">
        <div className="plain">
          <Title order={1} size="h2">
            {title}
          </Title>
          {about ? (
            <Text c="dimmed" size="sm" component="div" mt={2}>
              {about}
            </Text>
          ) : null}
        </div>
        {actions ? <Group gap="xs">{actions}</Group> : null}
      </Group>
      {children}
    </Stack>
  );
}
