// Single sign-on, with a real provider.

import { expect, MARKUP_SUBJECT, signInAs, test } from "./gate/provider";

test("somebody of a granted group signs in, works under their own name, and signs out", async ({
  page,
  stage: { gate, console_ },
}) => {
  await signInAs(page, console_, "ann");
  await expect(page.getByRole("heading", { level: 1, name: "Overview" })).toBeVisible();
  await expect(page.getByText("ann@example.com")).toBeVisible();
  await page.getByRole("link", { name: "Admin tokens" }).click();
  await expect(page.getByRole("button", { name: "New admin token" })).toBeVisible();
  await page.getByRole("link", { name: "Consumers" }).click();
  await page.getByRole("button", { name: "New consumer" }).first().click();
  await page.getByRole("textbox", { name: "Name" }).fill("by-ann");
  await page.getByRole("switch", { name: "Create its first key right away" }).uncheck({ force: true });
  await page.getByRole("button", { name: "Create", exact: true }).click();
  await expect(page.getByRole("heading", { level: 1, name: "by-ann" })).toBeVisible();
  const log = await gate.manage<{ data: { actor: object }[] }>("GET", "/v1/audit?target=by-ann");
  expect(log.data[0]?.actor).toMatchObject({ name: "ann@example.com" });

  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page.getByRole("link", { name: "Sign in with Example" })).toBeVisible();
  await page.goto(`${console_}/console/consumers`);
  await expect(page.getByRole("link", { name: "Sign in with Example" })).toBeVisible();
  expect((await page.context().cookies(console_)).map(({ name }) => name)).not.toContain("mintgate-session");
});

test("a group's role is what is offered, and no more", async ({ page, stage: { console_ } }) => {
  await signInAs(page, console_, "sam");
  const navigation = page.getByRole("navigation", { name: "Pages" });
  await expect(navigation.getByRole("link", { name: "Consumers" })).toBeVisible();
  for (const name of ["Audit log", "Admin tokens", "Settings"])
    await expect(navigation.getByRole("link", { name })).toHaveCount(0);
  await expect(page.getByText("operator", { exact: true })).toBeVisible();
});

for (const [person, why, says] of [
  ["eve", "is in no granted group and manages nothing", /have no role here.*name you as a manager/],
  ["mallory", "has an address that nobody has checked", /have no role here/],
  ["nobody", "was refused by the provider", /did not confirm the sign-in/],
] as const) {
  test(`who ${why} is told so, and stays outside`, async ({ page, stage: { console_ } }) => {
    await signInAs(page, console_, person);
    await expect(page.getByRole("alert")).toContainText(says);
    await expect(page.getByRole("link", { name: "Sign in with Example" })).toBeVisible();
    const status = await page.evaluate(async () => (await fetch("/v1/session")).status);
    expect(status).toBe(401);
  });
}

test("a subject that looks like markup is shown as text, in the corner and in the audit log", async ({
  page,
  stage: { console_ },
}) => {
  await signInAs(page, console_, MARKUP_SUBJECT);
  await expect(page.getByText(MARKUP_SUBJECT, { exact: true })).toBeVisible();
  await page.goto(`${console_}/console/audit`);
  await expect(page.getByRole("main").getByText(MARKUP_SUBJECT).first()).toBeVisible();
  expect(await page.locator('img[src="x"]').count()).toBe(0);
  expect(await page.title()).not.toBe("pwned");
});
