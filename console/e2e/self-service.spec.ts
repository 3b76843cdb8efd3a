// Self-service: the managers of a consumer look after its keys, and see nothing else.

import type { Page } from "@playwright/test";
import { expect, signInAs, test } from "./gate/provider";
import { findings, pastTheEdge } from "./gate/sound";

const CONSUMERS = "/v1/buckets/production/consumers";

interface Made {
  key: { secret: string; key: { id: string } };
}

let own: Made;
let others: Made;

test.beforeAll(async ({ stage: { gate } }) => {
  own = await gate.manage<Made>("POST", CONSUMERS, {
    name: "acme",
    subject: "a subject that is not theirs to see",
    managers: ["mia@acme.example", "somebody.else@acme.example"],
    metadata: { note: "what admins keep about them" },
    key: { label: "their job", scopes: ["orders:read"] },
  });
  others = await gate.manage<Made>("POST", CONSUMERS, { name: "rival", key: { label: "not theirs" } });
});

test("a manager signs in, sees the use of their key, rolls it with a grace, and calls with the new one", async ({
  page,
  stage: { gate, console_ },
}) => {
  for (let call = 0; call < 3; call++) expect(await gate.call(own.key.secret)).toBe(200);
  await signInAs(page, console_, "mia");
  await expect(page.getByRole("heading", { level: 1, name: "My keys" })).toBeVisible();
  const section = page.getByRole("region", { name: "acme" });
  await expect(section.getByRole("link", { name: "their job" })).toBeVisible();
  await expect(async () => {
    await page.reload();
    await expect(page.getByRole("img", { name: /^3 requests in the last 7 days/ })).toBeVisible({
      timeout: 2_000,
    });
  }).toPass({ timeout: 20_000 });

  await section.getByRole("button", { name: "Roll their job" }).click();
  await page.getByRole("dialog").getByText("7 days", { exact: true }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Roll", exact: true }).click();
  const secret = page.getByLabel("The secret, shown once");
  await expect(secret).toHaveText(/^mgk_[A-Za-z0-9]{12}_[A-Za-z0-9]{38}$/);
  const text = (await secret.textContent()) ?? "";
  await expect(page.getByRole("button", { name: "Done" })).toBeDisabled();
  await page.getByLabel("I have stored it safely").check();
  await page.getByRole("button", { name: "Done" }).click();
  await expect(section.getByText("rolled", { exact: true })).toBeVisible();
  expect(await page.content()).not.toContain(text);
  expect([await gate.call(text), await gate.call(own.key.secret)]).toEqual([200, 200]);

  await section.getByRole("link", { name: "their job" }).last().click();
  await expect(page.getByRole("heading", { level: 1, name: "their job" })).toBeVisible();
  const log = await gate.manage<{ data: { actor: object }[] }>("GET", "/v1/audit?action=key.roll");
  expect(log.data[0]?.actor).toMatchObject({ kind: "manager", name: "mia@acme.example" });
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page.getByRole("link", { name: "Sign in with Example" })).toBeVisible();
});

test("a manager sees nothing of others, nor of the installation, and no page of admins", async ({
  page,
  stage: { console_ },
}) => {
  await signInAs(page, console_, "mia");
  await expect(page.getByRole("region", { name: "acme" }).getByRole("row").first()).toBeVisible();
  await expect(page.getByRole("navigation")).toHaveCount(0);
  const shown = await page.content();
  for (const secret of ["rival", "somebody.else", "what admins keep", "a subject that is not theirs"])
    expect(shown).not.toContain(secret);
  const admins = [
    "consumers",
    "consumers/production/acme",
    "keys",
    "keys/revoke",
    "buckets",
    "audit",
    "admin-tokens",
  ];
  for (const path of [...admins, "settings", "try", "signing-keys"]) {
    await page.goto(`${console_}/console/${path}`);
    if (path !== "keys/revoke") await expect(page.getByText("This is no page of yours"), path).toBeVisible();
    await expect(page.getByRole("link", { name: "rival" }), path).toHaveCount(0);
  }
  await page.goto(`${console_}/console/keys/${others.key.key.id}`);
  await expect(page.getByRole("alert")).toContainText("It may have been deleted");
  expect(await asked(page, "GET", "/v1/consumers")).toBe(403);
  expect(await asked(page, "POST", `/v1/keys/${own.key.key.id}/revoke`)).toBe(403);
});

/** The status of what a page of theirs could ask for. */
function asked(page: Page, method: string, path: string): Promise<number> {
  return page.evaluate(
    async ([how, where]) => {
      const { csrf_token } = await (await fetch("/v1/session")).json();
      const headers = { "X-CSRF-Token": csrf_token };
      return (await fetch(where ?? "", { ...(how ? { method: how } : {}), headers })).status;
    },
    [method, path],
  );
}

test("who is no manager any more is signed out at the next step", async ({
  page,
  stage: { gate, console_ },
}) => {
  await signInAs(page, console_, "mia");
  await expect(page.getByRole("region", { name: "acme" })).toBeVisible();
  await gate.manage("PATCH", `${CONSUMERS}/acme`, { managers: [] });
  await page.reload();
  await expect(page.getByRole("link", { name: "Sign in with Example" })).toBeVisible();
  await gate.manage("PATCH", `${CONSUMERS}/acme`, { managers: ["mia@acme.example"] });
});

test("the pages of managers are sound for axe in both schemes, and on a phone", async ({
  page,
  stage: { console_ },
}) => {
  await page.emulateMedia({ reducedMotion: "reduce" });
  await signInAs(page, console_, "mia");
  for (const [name, path] of [
    ["keys", ""],
    ["key", `keys/${own.key.key.id}`],
    ["elsewhere", "audit"],
  ] as const) {
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width: 1280, height: 860 });
      await page.goto(`${console_}/console/${path}`);
      await expect(page.getByRole("main").getByRole("heading").first()).toBeVisible();
      await page.waitForLoadState("networkidle");
      await page.screenshot({ path: `test-results/own/${name}-${colorScheme}.png`, fullPage: true });
      expect(await findings(page), `${name} ${colorScheme}`).toEqual([]);
    }
    await page.setViewportSize({ width: 375, height: 720 });
    await page.waitForLoadState("networkidle");
    await page.screenshot({ path: `test-results/own/${name}-phone.png`, fullPage: true });
    expect(await pastTheEdge(page), name).toEqual([]);
  }
});
