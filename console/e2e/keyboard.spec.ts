// Without a mouse.

import { expect, test } from "./gate/test";

test.beforeAll(async ({ stage: { gate } }) => {
  for (const name of ["keyboard-a", "keyboard-b", "keyboard-c"]) {
    await gate.manage("POST", "/v1/buckets/production/consumers", { name, subject: `subject of ${name}` });
  }
});

test("slash and Ctrl+K open the search, arrows choose, Enter opens, Esc closes", async ({
  signedIn: page,
}) => {
  const search = page.getByRole("combobox");
  await page.keyboard.press("/");
  await expect(search).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(search).toHaveCount(0);
  await page.keyboard.press("Control+k");
  await search.fill("keyboard-");
  await expect(page.getByRole("option", { name: /keyboard-c/ })).toBeVisible();
  await page.keyboard.press("ArrowDown");
  await expect(page.getByRole("option").nth(1)).toHaveAttribute("aria-selected", "true");
  const chosen = (await page.getByRole("option").nth(1).textContent()) ?? "";
  await page.keyboard.press("Enter");
  const heading = page.getByRole("heading", { level: 1 });
  await expect(heading).toHaveText(/^keyboard-/);
  expect(chosen).toContain((await heading.textContent()) ?? "?");
});

test("the list of consumers is walked with arrows and opened with Enter", async ({
  signedIn: page,
  stage: { console_ },
}) => {
  await page.goto(`${console_}/console/consumers`);
  await page.getByLabel("Find consumers").fill("keyboard-");
  await expect(page).toHaveURL(/q=keyboard-/);
  await expect(page.getByRole("row")).toHaveCount(4);
  await page.getByRole("link", { name: "keyboard-a" }).focus();
  await page.keyboard.press("ArrowDown");
  await expect(page.getByRole("link", { name: "keyboard-b" })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: "keyboard-b" })).toBeVisible();
  await page.goBack();
  await expect(page.getByLabel("Find consumers")).toHaveValue("keyboard-");
});

test("a dialog takes the focus and gives it back", async ({ signedIn: page, stage: { console_ } }) => {
  await page.goto(`${console_}/console/consumers`);
  const open = page.getByRole("button", { name: "New consumer" });
  await open.focus();
  await page.keyboard.press("Enter");
  await expect(page.getByLabel("Name")).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await expect(open).toBeFocused();
});

test("the first stop of the Tab key leads past the navigation", async ({
  signedIn: page,
  stage: { console_ },
}) => {
  await page.goto(`${console_}/console/keys`);
  await expect(page.getByRole("heading", { level: 1, name: "Keys" })).toBeVisible();
  await page.keyboard.press("Tab");
  await expect(page.getByRole("link", { name: "Skip to the page" })).toBeFocused();
});
