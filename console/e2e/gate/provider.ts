// The gateway with an identity provider before it: npm's `oidc-provider`, a certified one, as the tests of the API use it.

import { type ChildProcess, spawn } from "node:child_process";
import type { Page } from "@playwright/test";
import { freePort, Gate, listening } from "./gate";
import { test as base, expect, type Stage } from "./test";

const PROVIDER = new URL("../../../crates/mintgate-e2e/tests/it/sign_in/provider.mjs", import.meta.url)
  .pathname;
const SECRET = "a secret that only the two of them know";
export const MARKUP_SUBJECT = "<img src=x onerror=document.title='pwned'>";

const PEOPLE = {
  ann: { email: "ann@example.com", email_verified: true, groups: ["platform", "all"] },
  sam: { email: "sam@example.com", email_verified: true, groups: ["support"] },
  eve: { email: "eve@example.com", email_verified: true, groups: ["all"] },
  mia: { email: "mia@acme.example", email_verified: true, groups: ["all"] },
  // Says that she is Mia, which nobody has checked.
  mallory: { email: "mia@acme.example", email_verified: false, groups: ["all"] },
  [MARKUP_SUBJECT]: { name: MARKUP_SUBJECT, groups: ["platform"] },
};

export const test = base.extend<object, { stage: Stage }>({
  stage: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright wants the first argument destructured
    async ({}, use) => {
      const [admin, port] = [await freePort(), await freePort()];
      const provider = `http://127.0.0.1:${port}`;
      const process = await startProvider(port, `http://127.0.0.1:${admin}/v1/session/oidc/callback`);
      const gate = await Gate.start({
        admin,
        inAdmin: "self_service = true",
        files: { "client.secret": SECRET },
        more: `
[admin.oidc]
name = "Example"
issuer = "${provider}"
client_id = "mintgate"
client_secret_file = "client.secret"
scopes = ["email", "profile", "groups"]
[[admin.oidc.grant]]
group = "platform"
role = "owner"
[[admin.oidc.grant]]
group = "support"
role = "operator"
buckets = ["production"]
`,
      });
      await use({ gate, console_: gate.admin, provider });
      await gate.stop();
      process.kill("SIGKILL");
    },
    { scope: "worker" },
  ],
});

async function startProvider(port: number, callback: string): Promise<ChildProcess> {
  const told = [String(port), "mintgate", SECRET, callback, JSON.stringify(PEOPLE), "ask"];
  const process = spawn("node", [PROVIDER, ...told], { stdio: "ignore" });
  await listening(port, process);
  return process;
}

/** From the sign-in page to the provider, where somebody says who they are, and back. */
export async function signInAs(page: Page, console_: string, person: string): Promise<void> {
  await page.goto(`${console_}/console/`);
  await page.getByRole("link", { name: "Sign in with Example" }).click();
  await page.getByRole("link", { name: person, exact: true }).click();
  await page.waitForURL(`${console_}/console/**`);
}

export { expect };
