import { Text } from "@mantine/core";
import type { ReactNode } from "react";

/** One thing that is known, under its name. */
export function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className="plain">
      <Text size="xs" c="dimmed">
        {label}
      </Text>
      <Text size="sm" component="div">
        {children}
      </Text>
    </div>
  );
}
