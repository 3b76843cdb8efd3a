// The form of our keys: prefix, 12 public characters, 32 secret ones and 6 of a checksum. Enough to tell that somebody
// pasted a key where a search was expected; whether it works is for the gateway to say.

const KEY = /^[A-Za-z][A-Za-z0-9_]{0,31}_([A-Za-z0-9]{12})_[A-Za-z0-9]{38}$/;
const ID = /^[A-Za-z0-9]{12}$/;

/** Whether the text is a whole key, which must never stand in an address or a log. */
export function looksLikeKey(text: string): boolean {
  return KEY.test(text.trim());
}

/** The public part of a whole key, or a key id as such. */
export function keyIdIn(text: string): string | undefined {
  const trimmed = text.trim();
  return KEY.exec(trimmed)?.[1] ?? (ID.test(trimmed) ? trimmed : undefined);
}
