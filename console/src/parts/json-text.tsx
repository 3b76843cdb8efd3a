import { Text } from "@mantine/core";
import { visibleJson } from "../format/visible";
import classes from "./json-text.module.css";

/** A JSON value as indented text. */
export function JsonText({ title, value }: { title?: string; value: unknown }) {
  return (
    <div>
      {title ? (
        <Text size="sm" fw={600} mb={4}>
          {title}
        </Text>
      ) : null}
      <pre className={classes.json}>{visibleJson(value)}</pre>
    </div>
  );
}
