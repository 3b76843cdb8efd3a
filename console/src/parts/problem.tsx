import { Alert, Button, Text } from "@mantine/core";
import { CircleAlert } from "lucide-react";
import { Problem } from "../api/problem";

interface Props {
  error: unknown;
  /** Fields that a form shows beside their inputs, so they need no second mention. */
  shown?: readonly string[];
  onRetry?: () => void;
}

/** What went wrong and what to do, with the id under which the gateway's log has more. */
export function ProblemAlert({ error, shown = [], onRetry }: Props) {
  const problem = error instanceof Problem ? error : undefined;
  const fields = [...(problem?.fields ?? [])].filter(([field]) => !shown.includes(field));
  return (
    <Alert
      color="red"
      icon={<CircleAlert size={18} />}
      title={problem?.message ?? "Something went wrong"}
      role="alert"
    >
      {problem?.detail ? <Text size="sm">{problem.detail}</Text> : null}
      {fields.map(([field, message]) => (
        <Text size="sm" key={field}>
          <span className="code">{field}</span>: {message}
        </Text>
      ))}
      <Text size="sm">
        {problem ? problem.advice : "Load the page again; if it stays, the browser's console has more."}
      </Text>
      {problem?.requestId ? (
        <Text size="xs" c="dimmed" mt={4}>
          Request <span className="code">{problem.requestId}</span>
        </Text>
      ) : null}
      {onRetry ? (
        <Button size="compact-sm" variant="default" mt="xs" onClick={onRetry}>
          Try again
        </Button>
      ) : null}
    </Alert>
  );
}
