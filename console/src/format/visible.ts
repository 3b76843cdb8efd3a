// Text that others wrote, made so that one sees all of it. Metadata may hold any character, also those that show nothing
// or turn the direction of what follows, and so make one value look like another.

/** Control and format characters and the separators of lines and paragraphs, but for what indents and ends a line. */
const UNSEEN = /(?![\t\n])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** Every character that one cannot see, as JSON would escape it. Within JSON, the value stays the same. */
export function visible(text: string): string {
  return text.replaceAll(UNSEEN, (found) =>
    found
      .split("")
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
      .join(""),
  );
}

/** A value as indented JSON that shows all that is in it. */
export function visibleJson(value: unknown): string {
  return visible(JSON.stringify(value, null, 2));
}
