import { Box, Group, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";

interface Props {
  title?: string;
  about?: ReactNode;
  actions?: ReactNode;
  flush?: boolean;
  children: ReactNode;
}

/** A framed part of a page. `flush` lets a table reach the frame. */
export function Section({ title, about, actions, flush, children }: Props) {
  return (
    <section className="surface" aria-label={title}>
      {title || actions ? (
        <Group justify="space-between" px="md" pt="md" pb={flush ? "xs" : 0} gap="xs">
          <div>
            <Title order={2} size="h5">
              {title}
            </Title>
            {about ? (
              <Text size="sm" c="dimmed" component="div">
                {about}
              </Text>
            ) : null}
          </div>
          {actions ? <Group gap="xs">{actions}</Group> : null}
        </Group>
      ) : null}
      <Box p={flush ? 0 : "md"}>{children}</Box>
    </section>
  );
}
