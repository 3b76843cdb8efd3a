// Buckets: made, given another prefix, and deleted when they are empty.

import { expect, test } from "./gate/test";

test("a bucket is made, its prefix is changed, and it is deleted once nobody lives in it", async ({
  signedIn: page,
  stage: { gate },
}) => {
  const main = page.getByRole("main");
  const dialog = page.getByRole("dialog");

  await test.step("what is no name, or taken, is said beside the field and with what to do", async () => {
    await page.getByRole("link", { name: "Buckets" }).click();
    await main.getByRole("button", { name: "New bucket" }).click();
    await dialog.getByRole("textbox", { name: "Name" }).fill("Not A Name");
    await dialog.getByRole("button", { name: "Create" }).click();
    await expect(dialog.getByRole("textbox", { name: "Name" })).toHaveAttribute("aria-invalid", "true");
    await dialog.getByRole("textbox", { name: "Name" }).fill("production");
    await dialog.getByRole("button", { name: "Create" }).click();
    await expect(dialog.getByRole("alert")).toContainText("Choose another name");
    await dialog.getByRole("textbox", { name: "Name" }).fill("partners");
    await dialog.getByLabel("Prefix of new keys").fill("ptn");
    await dialog.getByRole("button", { name: "Create" }).click();
    await expect(page.getByRole("status").getByText("partners is there, and empty")).toBeVisible();
  });

  const issue = async (name: string) => {
    const made = await gate.manage<{ key: { secret: string } }>("POST", "/v1/buckets/partners/consumers", {
      name,
      key: { label: "k" },
    });
    return made.key.secret;
  };

  await test.step("its new keys begin with another prefix; those from before go on working", async () => {
    const before = await issue("one");
    expect(before).toMatch(/^ptn_/);
    await main.getByRole("button", { name: "Change the prefix of partners" }).click();
    await dialog.getByLabel("Prefix of new keys").fill("part ner");
    await dialog.getByRole("button", { name: "Save" }).click();
    await expect(dialog.getByLabel("Prefix of new keys")).toHaveAttribute("aria-invalid", "true");
    await dialog.getByLabel("Prefix of new keys").fill("partner");
    await dialog.getByRole("button", { name: "Save" }).click();
    await expect(main.getByRole("cell", { name: "partner_…" })).toBeVisible();
    expect(await issue("two")).toMatch(/^partner_/);
    expect(await gate.call(before)).toBe(200);
  });

  await test.step("while somebody lives in it, it stays, and the dialog leads to them", async () => {
    await main.getByRole("button", { name: "Delete partners" }).click();
    await dialog.getByRole("button", { name: "Delete", exact: true }).click();
    await expect(dialog.getByRole("alert")).toContainText("Delete or move its consumers first");
    await dialog.getByRole("link", { name: "Show its consumers" }).click();
    await expect(page).toHaveURL(/consumers\?bucket=partners/);
    await expect(main.getByRole("row")).toHaveCount(3);
  });

  await test.step("empty, it can be deleted", async () => {
    for (const name of ["one", "two"]) await gate.manage("DELETE", `/v1/buckets/partners/consumers/${name}`);
    await page.getByRole("link", { name: "Buckets" }).click();
    await main.getByRole("button", { name: "Delete partners" }).click();
    await dialog.getByRole("button", { name: "Delete", exact: true }).click();
    await expect(page.getByRole("status").getByText("partners is deleted")).toBeVisible();
    await expect(main.getByRole("link", { name: "partners" })).toHaveCount(0);
  });
});

test("a bucket that somebody else changed meanwhile is not changed blindly", async ({
  signedIn: page,
  stage: { gate, console_ },
}) => {
  await gate.manage("POST", "/v1/buckets", { name: "shared", prefix: "one" });
  await page.goto(`${console_}/console/buckets`);
  await page.getByRole("button", { name: "Change the prefix of shared" }).click();
  await gate.manage("PATCH", "/v1/buckets/shared", { prefix: "two" });
  await page.getByRole("dialog").getByLabel("Prefix of new keys").fill("three");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("alert")).toContainText("Somebody changed it since you opened it");
  expect(await gate.manage<{ prefix: string }>("GET", "/v1/buckets/shared")).toMatchObject({ prefix: "two" });
  await gate.manage("DELETE", "/v1/buckets/shared");
});
