import { test } from "./gate/test";

test("look", async ({ signedIn: page, stage }) => {
  const { gate, console_ } = stage;
  for (const name of ["alice", "bob", "carol@example.com"]) {
    await gate.manage("POST", "/v1/buckets/production/consumers", { name, tags: { plan: "gold" }, metadata: { customer: 7 }, key: { label: "billing job", scopes: ["orders:read"] } });
  }
  const shot = async (name: string) => {
    await page.waitForTimeout(900);
    await page.screenshot({ path: `test-results/${name}.png`, fullPage: true });
  };
  for (const path of ["", "consumers", "consumers/production/alice", "keys", "try", "signing-keys", "audit", "admin-tokens", "settings"]) {
    await page.goto(`${console_}/console/${path}`);
    await shot(path.replaceAll("/", "_") || "overview");
  }
});
