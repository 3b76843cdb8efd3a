import classes from "./secret-text.module.css";

/** A secret to be copied: one click selects all of it. */
export function SecretText({ text }: { text: string }) {
  return (
    <output className={classes.secret} aria-label="The secret, shown once">
      {text}
    </output>
  );
}
