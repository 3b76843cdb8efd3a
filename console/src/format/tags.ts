/** `["plan:gold"]` as the API takes it. What has no colon becomes a name with an empty value. */
export function parseTags(texts: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    texts.map((text) => {
      const at = text.indexOf(":");
      return at < 0 ? [text.trim(), ""] : [text.slice(0, at).trim(), text.slice(at + 1).trim()];
    }),
  );
}

/** Tags as they are typed. */
export function writeTags(tags: Readonly<Record<string, string>>): string[] {
  return Object.entries(tags).map(([name, value]) => (value ? `${name}:${value}` : name));
}

/** From one set of tags to another as a merge patch: what is gone becomes `null`. */
export function tagPatch(
  from: Readonly<Record<string, string>>,
  to: Readonly<Record<string, string>>,
): Record<string, string | null> {
  const gone = Object.keys(from).filter((name) => !(name in to));
  const set = Object.entries(to).filter(([name, value]) => from[name] !== value);
  return Object.fromEntries([...gone.map((name) => [name, null] as const), ...set]);
}
