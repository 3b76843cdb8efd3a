// Many keys at once: lists that are narrowed down, keys revoked by what they have in common, all keys of one consumer rolled.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Gate } from "./gate/gate";
import { expect, test } from "./gate/test";

const CONSUMERS = "/v1/buckets/many/consumers";

interface Made {
  key: { secret: string; key: { id: string } };
}

function make(gate: Gate, name: string, more: object = {}, label = "a key"): Promise<Made> {
  return gate.manage<Made>("POST", CONSUMERS, { name, ...more, key: { label, scopes: ["orders:read"] } });
}

test.beforeAll(async ({ stage: { gate } }) => {
  await gate.manage("POST", "/v1/buckets", { name: "many" });
});

test("keys are revoked by a tag: first looked at, then counted out, and others are left alone", async ({
  signedIn: page,
  stage: { gate, console_ },
}) => {
  const leaked: Made[] = [];
  for (const name of ["leaked-a", "leaked-b", "leaked-c"])
    leaked.push(await make(gate, name, { tags: { source: "leak" } }));
  const spared = await make(gate, "spared", { tags: { source: "own" } });
  expect(await gate.call(leaked[0]?.key.secret ?? "")).toBe(200);

  await page.goto(`${console_}/console/keys`);
  await page.getByRole("link", { name: "Revoke many" }).click();
  const look = page.getByRole("button", { name: "Show what would be revoked" });
  await expect(look).toBeDisabled();
  await page.getByLabel("Tag", { exact: true }).fill("source=leak");
  await look.click();
  await expect(page.getByLabel("Tag", { exact: true })).toHaveAttribute("aria-invalid", "true");
  await page.getByLabel("Tag", { exact: true }).fill("source:leak");

  await test.step("what would break is shown, and nothing is done", async () => {
    const section = page.getByRole("region", { name: "3 keys would be revoked" });
    await expect(async () => {
      await look.click();
      await expect(section.getByText("1 of them are in use")).toBeVisible({ timeout: 2_000 });
    }).toPass({ timeout: 20_000 });
    for (const name of ["leaked-a", "leaked-b", "leaked-c"])
      await expect(section.getByRole("link", { name })).toBeVisible();
    await expect(section.getByRole("link", { name: "spared" })).toHaveCount(0);
    for (const { key } of leaked) expect(await gate.call(key.secret)).toBe(200);
  });

  await test.step("a form that says something else has to be looked at again", async () => {
    await page.getByLabel("Label").fill("another label");
    await expect(page.getByRole("region", { name: /would be revoked/ })).toHaveCount(0);
    await look.click();
    await expect(page.getByRole("heading", { name: "No key fits" })).toBeVisible();
    await page.getByLabel("Label").fill("");
    await look.click();
  });

  await test.step("it is done when the number was typed", async () => {
    await page.getByLabel("Reason").fill("in a public repository");
    await page.getByRole("button", { name: "Revoke 3 keys" }).click();
    const dialog = page.getByRole("dialog");
    await expect(dialog.getByRole("button", { name: "Revoke them all" })).toBeDisabled();
    await dialog.getByRole("textbox").fill("3");
    await dialog.getByRole("button", { name: "Revoke them all" }).click();
    await expect(page.getByRole("status").getByText("3 keys are revoked")).toBeVisible();
  });
  for (const { key } of leaked) expect(await gate.call(key.secret)).toBe(401);
  expect(await gate.call(spared.key.secret)).toBe(200);
  const ended = await gate.manage("GET", `/v1/keys/${leaked[1]?.key.key.id}`);
  expect(ended).toMatchObject({ state: "revoked", revoked: { reason: "in a public repository" } });
});

test("keys are revoked by their ids, as a report of leaked ones lists them", async ({
  signedIn: page,
  stage: { gate, console_ },
}) => {
  const [one, two] = [await make(gate, "by-id-a"), await make(gate, "by-id-b")];
  await page.goto(`${console_}/console/keys/revoke`);
  await page.getByLabel("Key ids").fill(`${one.key.key.id},\n${two.key.key.id}`);
  await page.getByRole("button", { name: "Show what would be revoked" }).click();
  await page.getByRole("button", { name: "Revoke 2 keys" }).click();
  await page.getByRole("dialog").getByRole("textbox").fill("2");
  await page.getByRole("button", { name: "Revoke them all" }).click();
  await expect(page.getByRole("status").getByText("2 keys are revoked")).toBeVisible();
  expect([await gate.call(one.key.secret), await gate.call(two.key.secret)]).toEqual([401, 401]);
});

test("all keys of a consumer are rolled into one, and say for how long they still work", async ({
  signedIn: page,
  stage: { gate, console_ },
}) => {
  const first = await make(gate, "rolls-all", {}, "the first");
  const second = await gate.manage<{ secret: string }>("POST", `${CONSUMERS}/rolls-all/keys`, {
    label: "the second",
    scopes: ["orders:write"],
  });
  await page.goto(`${console_}/console/consumers/many/rolls-all`);
  await page.getByRole("button", { name: "More actions" }).click();
  await page.getByRole("menuitem", { name: "Roll all keys…" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByRole("listitem")).toHaveCount(2);
  await dialog.getByText("7 days", { exact: true }).click();
  await dialog.getByLabel("Label of the new key").fill("the only one");
  await dialog.getByRole("button", { name: "Roll all" }).click();
  const text = (await page.getByLabel("The secret, shown once").textContent()) ?? "";
  await page.getByLabel("I have stored it safely").check();
  await page.getByRole("button", { name: "Done" }).click();
  await expect(
    page.getByRole("main").getByText("rolled", { exact: true }).filter({ visible: true }),
  ).toHaveCount(2);
  for (const key of [first.key.secret, second.secret, text]) expect(await gate.call(key)).toBe(200);
  const { data } = await gate.manage<{ data: object[] }>("GET", `${CONSUMERS}/rolls-all/keys`);
  expect(data).toContainEqual(
    expect.objectContaining({
      label: "the only one",
      state: "active",
      scopes: ["orders:read", "orders:write"],
    }),
  );
});

test("lists are narrowed down by everything that the API knows, and the address keeps it", async ({
  signedIn: page,
  stage: { gate, console_ },
}) => {
  const main = page.getByRole("main");
  await make(gate, "filtered", { metadata: { customer: 4711 } }, "needle in the keys");
  const sha256 = createHash("sha256").update("a key of elsewhere, long enough").digest("hex");
  await gate.manage("POST", "/v1/buckets/many/keys/import", {
    keys: [{ consumer: "filtered", sha256, label: "from elsewhere" }],
  });

  await page.goto(`${console_}/console/consumers`);
  await main.getByLabel("Metadata").fill("/customer:4711");
  await page.keyboard.press("Enter");
  await expect(main.getByRole("row")).toHaveCount(2);
  await expect(main.getByRole("link", { name: "filtered" })).toBeVisible();
  await page.reload();
  await expect(main.getByLabel("Metadata")).toHaveValue("/customer:4711");

  await page.goto(`${console_}/console/keys`);
  await main.getByLabel("Label or id").fill("needle");
  await page.keyboard.press("Enter");
  await expect(main.getByRole("row")).toHaveCount(2);
  await main.getByLabel("Label or id").fill("");
  await page.keyboard.press("Enter");
  await main.getByRole("combobox", { name: "Bucket" }).click();
  await page.getByRole("option", { name: "many" }).click();
  await main.getByRole("textbox", { name: "Consumer" }).fill("filtered");
  await page.keyboard.press("Enter");
  await expect(main.getByRole("row")).toHaveCount(3);
  await main.getByText("Foreign", { exact: true }).click();
  await expect(main.getByRole("link", { name: "from elsewhere" })).toBeVisible();
  await expect(main.getByRole("row")).toHaveCount(2);
  await expect(page).toHaveURL(/bucket=many&consumer=filtered&foreign=true/);
  await main.getByRole("combobox", { name: "State" }).click();
  await page.getByRole("option", { name: "revoked" }).click();
  await main.getByRole("button", { name: "Show all keys" }).click();
  await expect(page).toHaveURL(/\/console\/keys$/);

  await page.goto(`${console_}/console/audit?bucket=many`);
  await expect(main.getByRole("button", { name: /consumer\.create/ }).first()).toBeVisible();
  await main.getByLabel("action").fill("key.import");
  await page.keyboard.press("Enter");
  await expect(main.getByRole("listitem")).toHaveCount(1);
});

test("an owner downloads a backup that begins as one", async ({ signedIn: page, stage: { console_ } }) => {
  await page.goto(`${console_}/console/settings`);
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("link", { name: "Download" }).click(),
  ]);
  expect(download.suggestedFilename()).toBe("mintgate.backup");
  const [head = ""] = readFileSync(await download.path(), "latin1").split("\n", 1);
  expect(head).toContain("mintgate");
});
