// A key on its way from the global search to the page that presents it: through memory, never through an address.

let handed = "";
let receive: (() => void) | undefined;

export function handKey(key: string): void {
  handed = key;
  receive?.();
}

/**
 * Gives `take` the key that is waiting, and every later one until the returned function is called. For effects: React may
 * render a page and drop what it rendered, and a key that went there would be lost.
 */
export function receiveHandedKeys(take: (key: string) => void): () => void {
  receive = () => {
    if (handed) take(handed);
    handed = "";
  };
  receive();
  return () => {
    receive = undefined;
  };
}
