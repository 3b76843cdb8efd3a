/** Every page of the console, by its address and heading. */
export const PAGES: readonly { path: string; heading: string | RegExp }[] = [
  { path: "", heading: "Overview" },
  { path: "consumers", heading: "Consumers" },
  { path: "consumers/production/alice", heading: "alice" },
  { path: "keys", heading: "Keys" },
  { path: "keys?show=unused", heading: "Keys" },
  { path: "try", heading: "Try it" },
  { path: "signing-keys", heading: "Signing keys" },
  { path: "audit", heading: "Audit log" },
  { path: "admin-tokens", heading: "Admin tokens" },
  { path: "settings", heading: "Settings" },
];
