import { Alert, Button, Checkbox, CopyButton, Group, Stack, Text } from "@mantine/core";
import { Check, Copy, TriangleAlert } from "lucide-react";
import { useState } from "react";
import type { IssuedKey } from "../../api/keys";
import { Dialog } from "../../parts/dialog";
import { SecretText } from "../../parts/secret-text";

interface Props {
  issued: IssuedKey;
  title?: string;
  onClose: () => void;
}

/** The one time that a key is seen. It closes only for those who say that they have it. */
export function KeyOnce({ issued, title = "Your new key", onClose }: Props) {
  return (
    <Once
      secret={issued.secret}
      title={title}
      what="key"
      onClose={onClose}
      use={`curl -H "Authorization: Bearer $KEY" …`}
    />
  );
}

interface OnceProps {
  secret: string;
  title: string;
  what: string;
  use?: string;
  onClose: () => void;
}

export function Once({ secret, title, what, use, onClose }: OnceProps) {
  const [kept, setKept] = useState(false);
  return (
    <Dialog
      title={title}
      size="lg"
      onClose={onClose}
      closeOnClickOutside={false}
      closeOnEscape={kept}
      withCloseButton={false}
    >
      <Stack gap="md">
        <Alert color="yellow" icon={<TriangleAlert size={18} />} title={`Copy the ${what} now`}>
          It is shown this once and stored nowhere: not here, not in the gateway. If it is lost, roll it.
        </Alert>
        <SecretText text={secret} />
        <CopyButton value={secret}>
          {({ copied, copy }) => (
            <Button
              data-autofocus
              size="md"
              leftSection={copied ? <Check size={18} /> : <Copy size={18} />}
              onClick={() => {
                copy();
                setKept(true);
              }}
            >
              {copied ? "Copied" : `Copy the ${what}`}
            </Button>
          )}
        </CopyButton>
        {use ? (
          <Text size="sm" c="dimmed">
            Used like this: <span className="code">{use}</span>
          </Text>
        ) : null}
        <Group justify="space-between">
          <Checkbox
            label="I have stored it safely"
            checked={kept}
            onChange={(event) => setKept(event.currentTarget.checked)}
          />
          <Button variant="default" disabled={!kept} onClick={onClose}>
            Done
          </Button>
        </Group>
      </Stack>
    </Dialog>
  );
}
