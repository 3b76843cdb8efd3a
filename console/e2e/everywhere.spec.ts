// What holds on every page: nothing serious for axe in either scheme, no scrolling sideways on a phone, a title.

import { PAGES } from "./gate/pages";
import { findings, pastTheEdge } from "./gate/sound";
import { expect, signIn, test } from "./gate/test";

test.beforeAll(async ({ stage: { gate } }) => {
  const consumers = "/v1/buckets/production/consumers";
  const made = await gate.manage<{ key: { secret: string } }>("POST", consumers, {
    name: "alice",
    tags: { plan: "gold", team: "search" },
    metadata: { customer: 7 },
    key: { label: "billing job with a rather long label", scopes: ["orders:read", "orders:write"] },
  });
  await gate.manage("POST", consumers, { name: `long-${"x".repeat(110)}`, key: { label: "y".repeat(120) } });
  for (const path of ["/orders", "/orders?status=404", "/orders?status=500"])
    await gate.call(made.key.secret, path);
  await gate.call("nothing");
});

for (const scheme of ["light", "dark"] as const) {
  test(`axe finds nothing serious on any page in the ${scheme} scheme`, async ({
    page,
    stage: { gate, console_ },
  }) => {
    // A dozen pages, each looked at by axe.
    test.slow();
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: "reduce" });
    await page.goto(`${console_}/console/`);
    await expect(page.getByLabel("Admin token")).toBeVisible();
    expect(await findings(page)).toEqual([]);
    await signIn(page, console_, gate.token);
    for (const { path, heading } of PAGES) {
      await page.goto(`${console_}/console/${path}`);
      await expect(page.getByRole("heading", { level: 1, name: heading })).toBeVisible();
      await page.waitForLoadState("networkidle");
      await page.screenshot({
        path: `test-results/pages/${scheme}-${path.replaceAll(/\W/g, "_") || "overview"}.png`,
        fullPage: true,
      });
      expect(await findings(page), path).toEqual([]);
      expect(await page.title()).toMatch(/ · Mintgate$/);
      await expect(page.getByRole("main").getByRole("alert")).toHaveCount(0);
    }
  });
}

test("axe finds nothing serious in the dialogs", async ({ signedIn: page, stage: { console_ } }) => {
  await page.emulateMedia({ reducedMotion: "reduce" });
  const dialogs: [string, string[]][] = [
    ["consumers", ["New consumer"]],
    ["consumers/production/alice", ["New key"]],
    ["consumers/production/alice", ["Actions for key billing job with a rather long label", "Roll…"]],
    ["consumers/production/alice", ["Actions for key billing job with a rather long label", "Revoke…"]],
    ["signing-keys", ["Emergency"]],
    ["consumers/production/alice", ["More actions", "Roll all keys…"]],
    ["buckets", ["New bucket"]],
    ["buckets", ["Delete production"]],
    ["admin-tokens", ["New admin token"]],
  ];
  for (const [path, clicks] of dialogs) {
    await page.goto(`${console_}/console/${path}`);
    for (const name of clicks)
      await page
        .getByRole(name.endsWith("…") ? "menuitem" : "button", { name })
        .first()
        .click();
    await expect(page.getByRole("dialog")).toBeVisible();
    await page.waitForLoadState("networkidle");
    await page.screenshot({ path: `test-results/dialogs/${clicks.at(-1)?.replaceAll(/\W/g, "") ?? ""}.png` });
    expect(await findings(page), clicks.join(", ")).toEqual([]);
    await page.keyboard.press("Escape");
    await expect(page.getByRole("dialog")).toHaveCount(0);
  }
});

test("on a phone, no page scrolls sideways, and the menu leads everywhere", async ({
  signedIn: page,
  stage: { console_ },
}) => {
  await page.setViewportSize({ width: 375, height: 720 });
  for (const { path, heading } of PAGES) {
    await page.goto(`${console_}/console/${path}`);
    await expect(page.getByRole("heading", { level: 1, name: heading })).toBeVisible();
    await page.waitForLoadState("networkidle");
    await page.screenshot({
      path: `test-results/phone/${path.replaceAll(/\W/g, "_") || "overview"}.png`,
      fullPage: true,
    });
    expect(await pastTheEdge(page), path).toEqual([]);
  }
  await page.getByRole("button", { name: "Menu", exact: true }).click();
  await page.getByRole("link", { name: "Signing keys" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Signing keys" })).toBeVisible();
});
