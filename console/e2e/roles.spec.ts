// What a role may not do is not offered, and who is not known does not get in.

import { expect, signIn, test } from "./gate/test";

test("auditors see everything and change nothing; operators manage consumers and keys", async ({
  page,
  stage: { gate, console_ },
}) => {
  await gate.manage("POST", "/v1/buckets/production/consumers", { name: "seen", key: { label: "its key" } });
  const token = async (name: string, role: string) =>
    (await gate.manage<{ token: string }>("POST", "/v1/admin-tokens", { name, role })).token;
  const navigation = page.getByRole("navigation", { name: "Pages" });

  await signIn(page, console_, await token("an-auditor", "auditor"));
  await expect(navigation.getByRole("link", { name: "Audit log" })).toBeVisible();
  await expect(navigation.getByRole("link", { name: "Try it" })).toHaveCount(0);
  for (const path of ["consumers", "consumers/production/seen", "signing-keys", "admin-tokens", "settings"]) {
    await page.goto(`${console_}/console/${path}`);
    await expect(page.getByRole("main").getByRole("heading", { level: 1 })).toBeVisible();
    await page.waitForLoadState("networkidle");
    const offered = page.getByRole("button", {
      name: /^(New|Create|Save|Roll|Revoke|Rotate|Emergency|Retire|More actions)/,
    });
    await expect(offered, path).toHaveCount(0);
    await expect(page.getByRole("main").getByRole("alert"), path).toHaveCount(0);
  }
  await page.getByRole("button", { name: "Sign out" }).click();

  await signIn(page, console_, await token("an-operator", "operator"));
  await expect(navigation.getByRole("link", { name: "Consumers" })).toBeVisible();
  for (const name of ["Audit log", "Admin tokens", "Settings"]) {
    await expect(navigation.getByRole("link", { name })).toHaveCount(0);
  }
  await page.goto(`${console_}/console/signing-keys`);
  await expect(page.getByRole("heading", { level: 1, name: "Signing keys" })).toBeVisible();
  await expect(page.getByRole("button", { name: "Emergency" })).toHaveCount(0);
  await page.goto(`${console_}/console/consumers`);
  await expect(page.getByRole("button", { name: "New consumer" })).toBeVisible();
});

test("a token that is not known is refused with what to do, and leaves the field empty", async ({
  page,
  stage: { console_ },
}) => {
  await page.goto(`${console_}/console/`);
  const field = page.getByRole("textbox", { name: "Admin token" });
  await field.fill("mga_nobody");
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(page.getByRole("alert")).toContainText("Ask an owner for a new one");
  await expect(field).toHaveValue("");
});
