/** Every page of the console, by its address and heading. */
export const PAGES: readonly { path: string; heading: string | RegExp }[] = [
  { path: "", heading: "Overview" },
  { path: "consumers", heading: "Consumers" },
  { path: "consumers/production/alice", heading: "alice" },
  { path: "keys", heading: "Keys" },
  { path: "keys?state=active&unused_for=90d", heading: "Keys" },
  { path: "keys/revoke", heading: "Revoke many keys" },
  { path: "buckets", heading: "Buckets" },
  { path: "try", heading: "Try it" },
  { path: "signing-keys", heading: "Signing keys" },
  { path: "audit", heading: "Audit log" },
  { path: "admin-tokens", heading: "Admin tokens" },
  { path: "settings", heading: "Settings" },
];
