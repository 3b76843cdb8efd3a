// What every test of the console stands on: a gateway for the file, a page that may not break the policy nor talk to any
// other host, and ways to get in.

import { test as base, expect, type Page } from "@playwright/test";
import { Gate } from "./gate";

export interface Stage {
  gate: Gate;
  console_: string;
  /** The identity provider, where signing in leads to. */
  provider?: string;
}

interface Watched {
  /** What the page did that it must never do. */
  offences: string[];
  signedIn: Page;
}

export const test = base.extend<Watched, { stage: Stage }>({
  stage: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright wants the first argument destructured
    async ({}, use) => {
      const gate = await Gate.start();
      await use({ gate, console_: gate.admin });
      await gate.stop();
    },
    { scope: "worker" },
  ],
  offences: [
    async ({ page, stage }, use) => {
      const offences: string[] = [];
      page.on("request", (request) => {
        const url = new URL(request.url());
        if (url.origin !== stage.console_ && url.origin !== stage.provider && url.protocol !== "about:")
          offences.push(`request to ${url.origin}`);
      });
      page.on("pageerror", (error) => offences.push(`error: ${error.message}`));
      page.on("dialog", (dialog) => {
        offences.push(`dialog: ${dialog.message()}`);
        void dialog.dismiss();
      });
      page.on("console", (message) => {
        if (/Content Security Policy|TrustedHTML/.test(message.text())) offences.push(message.text());
      });
      await page.addInitScript(() => {
        document.addEventListener("securitypolicyviolation", (event) => {
          // biome-ignore lint/suspicious/noConsole: this is how the test hears of it
          console.error(`Content Security Policy: ${event.violatedDirective} ${event.blockedURI}`);
        });
      });
      await use(offences);
      expect(offences).toEqual([]);
    },
    { auto: true },
  ],
  signedIn: async ({ page, stage }, use) => {
    await signIn(page, stage.console_, stage.gate.token);
    await use(page);
  },
});

export async function signIn(page: Page, console_: string, token: string): Promise<void> {
  await page.goto(`${console_}/console/`);
  await page.getByLabel("Admin token").fill(token);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Overview" })).toBeVisible();
}

export { expect };
