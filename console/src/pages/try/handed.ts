// A key on its way from the global search to the page that presents it: through memory, never through an address.

let handed = "";

export function handKey(key: string): void {
  handed = key;
}

/** Gives the key away; a second look finds nothing. */
export function takeHandedKey(): string {
  const key = handed;
  // React may ask twice for the first state in development; the next tick is soon enough.
  queueMicrotask(() => {
    handed = "";
  });
  return key;
}
