// The page of the admin API's operations, which stands beside the console under a policy of its own.

import type { AxeResults } from "axe-core";
import axe from "axe-core";
import { expect, test } from "./gate/test";

for (const scheme of ["light", "dark"] as const) {
  test(`axe finds nothing serious on the page of the API in the ${scheme} scheme`, async ({
    page,
    stage: { console_ },
  }) => {
    await page.emulateMedia({ colorScheme: scheme });
    await page.goto(`${console_}/docs/`);
    await page.evaluate(axe.source);
    const results = await page.evaluate(() =>
      (globalThis as unknown as { axe: { run: () => Promise<AxeResults> } }).axe.run(),
    );
    expect(results.violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
    await page.screenshot({ path: `test-results/pages/${scheme}-reference.png` });
  });
}

test("operations are filtered while typing, and a link shows what was filtered out", async ({
  page,
  stage: { console_ },
}) => {
  await page.goto(`${console_}/docs/`);
  const heading = (name: string) => page.getByRole("heading", { level: 3, name, exact: true });
  await page.keyboard.press("/");
  await page.keyboard.type("post revoke key");
  await expect(heading("Revoke a key")).toBeVisible();
  await expect(heading("Make a bucket")).toBeHidden();
  await page.keyboard.type(" nonsense");
  await expect(page.getByText("No operation has all of these words.")).toBeVisible();
  await page.evaluate(() => {
    location.hash = "#create_bucket";
  });
  await expect(heading("Make a bucket")).toBeInViewport();
  await expect(page.getByLabel("Filter")).toHaveValue("");
  await expect(page.locator("#create_bucket pre").first()).toContainText(`curl ${console_}/v1/buckets`);
});

test("the page of the API fits a phone and keeps the colours that were chosen", async ({
  page,
  stage: { console_ },
}) => {
  await page.setViewportSize({ width: 360, height: 720 });
  await page.emulateMedia({ colorScheme: "light" });
  await page.goto(`${console_}/docs/#create_consumer`);
  await expect(page.getByRole("heading", { name: "Make a consumer", exact: true })).toBeInViewport();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
  const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await background();
  await page.getByRole("button", { name: "Change between light and dark" }).click();
  const dark = await background();
  expect(dark).not.toBe(light);
  await page.reload();
  expect(await background()).toBe(dark);
});
