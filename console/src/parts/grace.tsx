import { Alert, SegmentedControl, Text } from "@mantine/core";
import { Clock } from "lucide-react";

const GRACES = [
  { value: "0s", label: "At once" },
  { value: "1h", label: "1 hour" },
  { value: "1d", label: "1 day" },
  { value: "7d", label: "7 days" },
  { value: "30d", label: "30 days" },
];

interface Props {
  label: string;
  value: string;
  onChange: (grace: string) => void;
}

/** For how long what is rolled goes on working. */
export function Grace({ label, value, onChange }: Props) {
  return (
    <div>
      <Text size="sm" fw={500} mb={4}>
        {label}
      </Text>
      <SegmentedControl
        fullWidth
        size="xs"
        aria-label="Grace"
        data={GRACES}
        value={value}
        onChange={onChange}
      />
    </div>
  );
}

/** What the grace means for those who call. */
export function GraceNote({ value }: { value: string }) {
  if (value === "0s") {
    return (
      <Alert color="orange" role="note" title="No grace">
        The old key is refused from the moment that the new one exists.
      </Alert>
    );
  }
  return (
    <Alert color="gray" role="note" icon={<Clock size={18} />}>
      Until then, responses to the old key carry <span className="code">Deprecation</span> and{" "}
      <span className="code">Sunset</span>, so that programs can notice.
    </Alert>
  );
}
