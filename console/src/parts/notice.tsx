import { CloseButton, Group, Paper, Stack, Text } from "@mantine/core";
import { CircleCheck } from "lucide-react";
import { createContext, type ReactNode, useCallback, useContext, useMemo, useRef, useState } from "react";
import classes from "./notice.module.css";

type Say = (text: string) => void;

const NoticeContext = createContext<Say>(() => {});

/** Says that something was done, for a moment, also to those who listen instead of looking. */
export function useNotice(): Say {
  return useContext(NoticeContext);
}

const SECONDS = 6;

export function NoticeProvider({ children }: { children: ReactNode }) {
  const [notices, setNotices] = useState<{ id: number; text: string }[]>([]);
  const next = useRef(0);
  const drop = useCallback((id: number) => setNotices((all) => all.filter((notice) => notice.id !== id)), []);
  const say = useCallback<Say>(
    (text) => {
      const id = next.current++;
      setNotices((all) => [...all.slice(-2), { id, text }]);
      setTimeout(() => drop(id), SECONDS * 1000);
    },
    [drop],
  );
  const list = useMemo(
    () =>
      notices.map(({ id, text }) => (
        <Paper key={id} shadow="md" p="sm" withBorder>
          <Group gap="sm" wrap="nowrap">
            <CircleCheck size={18} color="var(--ok)" aria-hidden />
            <Text size="sm" className="plain" flex={1}>
              {text}
            </Text>
            <CloseButton size="sm" aria-label="Dismiss" onClick={() => drop(id)} />
          </Group>
        </Paper>
      )),
    [notices, drop],
  );
  return (
    <NoticeContext value={say}>
      {children}
      <Stack className={classes.place} gap="xs" role="status" aria-live="polite">
        {list}
      </Stack>
    </NoticeContext>
  );
}
