// The daily work, from signing in to the entry in the audit log, as one admin does it.

import { expect, test } from "./gate/test";

test("an admin makes a consumer and a key, sees it used, rolls it, revokes it, and finds it all in the audit log", async ({
  signedIn: page,
  stage: { gate },
}) => {
  const main = page.getByRole("main");

  await test.step("create a consumer with its first key", async () => {
    await page.getByRole("link", { name: "Consumers" }).click();
    await page.getByRole("button", { name: "New consumer" }).first().click();
    await page.getByLabel("Name").fill("flow@example.com");
    await page.getByLabel("Key label").fill("nightly job");
    await page.getByRole("button", { name: "Create", exact: true }).click();
  });

  const key = await test.step("copy the key, shown once", async () => {
    const secret = page.getByLabel("The secret, shown once");
    await expect(secret).toHaveText(/^mgk_[A-Za-z0-9]{12}_[A-Za-z0-9]{38}$/);
    const text = (await secret.textContent()) ?? "";
    await expect(page.getByRole("button", { name: "Done" })).toBeDisabled();
    await page.getByLabel("I have stored it safely").check();
    await page.getByRole("button", { name: "Done" }).click();
    await expect(page.getByRole("heading", { level: 1, name: "flow@example.com" })).toBeVisible();
    expect(await page.content()).not.toContain(text);
    return text;
  });

  await test.step("call the API with it, through the gateway", async () => {
    for (let call = 0; call < 5; call++) expect(await gate.call(key)).toBe(200);
    expect(await gate.call(key, "/orders?status=503")).toBe(503);
  });

  await test.step("see it in the usage", async () => {
    await expect(async () => {
      await page.reload();
      await expect(page.getByRole("img", { name: /^6 requests in the last 7 days/ })).toBeVisible({
        timeout: 2_000,
      });
    }).toPass({ timeout: 20_000 });
  });

  const successor = await test.step("roll it with a grace", async () => {
    await page.getByRole("button", { name: "Actions for key nightly job" }).click();
    await page.getByRole("menuitem", { name: "Roll…" }).click();
    await page.getByText("7 days", { exact: true }).click();
    await page.getByRole("button", { name: "Roll", exact: true }).click();
    const text = (await page.getByLabel("The secret, shown once").textContent()) ?? "";
    await page.getByLabel("I have stored it safely").check();
    await page.getByRole("button", { name: "Done" }).click();
    await expect(main.getByText("rolled", { exact: true }).filter({ visible: true })).toBeVisible();
    expect(await gate.call(key)).toBe(200);
    expect(await gate.call(text)).toBe(200);
    return text;
  });

  await test.step("revoke the old one, with a reason, having seen what it breaks", async () => {
    await page.getByRole("link", { name: "nightly job" }).last().click();
    await page.getByRole("button", { name: "Revoke", exact: true }).click();
    const dialog = page.getByRole("dialog");
    await expect(dialog.getByText("This key is in use")).toBeVisible();
    await dialog.getByLabel("Reason").fill("seen in a public repository");
    await dialog.getByRole("button", { name: "Revoke", exact: true }).click();
    await expect(page.getByRole("status").getByText(/is revoked/)).toBeVisible();
    await expect(main.getByText(/seen in a public repository/)).toBeVisible();
  });

  await test.step("find it all in the audit log, which is whole", async () => {
    await page.getByRole("link", { name: "Audit log" }).click();
    for (const action of ["consumer.create", "key.roll", "key.revoke"]) {
      await expect(main.getByText(action, { exact: true }).first()).toBeVisible();
    }
    await main
      .getByRole("button", { name: /key\.revoke/ })
      .first()
      .click();
    await expect(main.getByText(/seen in a public repository/).first()).toBeVisible();
    await page.getByRole("button", { name: "Verify" }).click();
    await expect(page.getByText("The log is whole")).toBeVisible();
  });

  await test.step("one of the two is refused from now on", async () => {
    expect([await gate.call(key), await gate.call(successor)].sort()).toEqual([200, 401]);
  });
});

test("two admins at once: the later one sees what the earlier one changed, and loses nothing", async ({
  signedIn: page,
  stage: { gate, console_ },
}) => {
  const path = "/v1/buckets/production/consumers";
  await gate.manage("POST", path, { name: "contested", metadata: { limit: 1 } });
  await page.goto(`${console_}/console/consumers/production/contested`);
  await page.getByLabel("Subject").fill("ours");
  await gate.manage("PATCH", `${path}/contested`, { metadata: { limit: 2 } });
  await page.getByRole("button", { name: "Save" }).click();
  const conflict = page.getByRole("region", { name: "Somebody else changed it meanwhile" });
  await expect(conflict.getByText("metadata")).toBeVisible();
  await conflict.getByRole("button", { name: "Save mine on top" }).click();
  await expect(page.getByRole("status").getByText("contested is saved")).toBeVisible();
  const saved = await gate.manage<{ subject: string; metadata: object }>("GET", `${path}/contested`);
  expect(saved).toMatchObject({ subject: "ours", metadata: { limit: 2 } });
});

test("what the gateway refuses stands beside the field that it refuses", async ({
  signedIn: page,
  stage,
}) => {
  await page.goto(`${stage.console_}/console/consumers`);
  await page.getByRole("button", { name: "New consumer" }).first().click();
  await page.getByLabel("Name").fill("not a name!");
  await page.getByRole("button", { name: "Create", exact: true }).click();
  await expect(page.getByLabel("Name")).toHaveAttribute("aria-invalid", "true");
  await page.getByLabel("Name").fill("alice-the-first");
  await page.getByRole("switch", { name: "Create its first key right away" }).uncheck({ force: true });
  await page.getByRole("button", { name: "Create", exact: true }).click();
  await expect(page.getByRole("heading", { level: 1, name: "alice-the-first" })).toBeVisible();
});

test("a key that is tried shows the token that its origin would get", async ({
  signedIn: page,
  stage: { gate, console_ },
}) => {
  const made = await gate.manage<{ key: { secret: string } }>("POST", "/v1/buckets/production/consumers", {
    name: "tried",
    key: { label: "a key" },
  });
  await page.goto(`${console_}/console/`);
  await expect(page.getByRole("heading", { level: 1, name: "Overview" })).toBeVisible();
  await page.keyboard.press("/");
  await page.getByRole("combobox").fill(made.key.secret);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: "Try it" })).toBeVisible();
  await expect(page.getByLabel("Key", { exact: true })).toHaveValue(made.key.secret);
  expect(page.url()).not.toContain("mgk_");
  await page.getByRole("combobox", { name: "Origin" }).fill("origin");
  await page.keyboard.press("Tab");
  await page.getByRole("button", { name: "Present it" }).click();
  await expect(page.getByText("The gateway lets it through")).toBeVisible();
  await expect(page.getByText('"client_id": "tried"')).toBeVisible();
  await page.getByLabel("Key", { exact: true }).fill(`${made.key.secret.slice(0, -1)}x`);
  await page.getByRole("button", { name: "Present it" }).click();
  await expect(page.getByText("The gateway refuses it")).toBeVisible();
  // Also where the page is open already.
  await page.getByRole("heading", { level: 1, name: "Try it" }).click();
  await page.keyboard.press("/");
  await page.getByRole("combobox", { name: "Find" }).fill(made.key.secret);
  await page.keyboard.press("Enter");
  await expect(page.getByLabel("Key", { exact: true })).toHaveValue(made.key.secret);
});
