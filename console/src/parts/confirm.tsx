import { Button, Group, Stack, Text, TextInput } from "@mantine/core";
import { type FormEvent, type ReactNode, useState } from "react";
import { Dialog } from "./dialog";
import { ProblemAlert } from "./problem";

interface Props {
  title: string;
  action: string;
  color: string;
  /** What must be typed before it can be done. */
  typed?: string;
  busy: boolean;
  error: unknown;
  onConfirm: () => void;
  onClose: () => void;
  children: ReactNode;
}

/** Asks before something is done that others will notice. */
export function Confirm({ title, action, color, typed, busy, error, onConfirm, onClose, children }: Props) {
  const [text, setText] = useState("");
  const ready = !typed || text === typed;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (ready) onConfirm();
  };
  return (
    <Dialog onClose={onClose} title={title}>
      <form onSubmit={submit}>
        <Stack gap="md">
          <Text size="sm" component="div" className="plain">
            {children}
          </Text>
          {typed ? (
            <TextInput
              label={
                <>
                  Type <span className="code">{typed}</span> to confirm
                </>
              }
              value={text}
              autoComplete="off"
              data-autofocus
              onChange={(event) => setText(event.currentTarget.value)}
            />
          ) : null}
          {error ? <ProblemAlert error={error} /> : null}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose} data-autofocus={typed ? undefined : true}>
              Cancel
            </Button>
            <Button type="submit" color={color} loading={busy} disabled={!ready}>
              {action}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}
