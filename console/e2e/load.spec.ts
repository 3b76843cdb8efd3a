// What the first load costs.

import { expect, test } from "./gate/test";

const BUDGET = 300 * 1024;

test("the first load is under 300 KiB compressed, and the second one loads nothing again", async ({
  page,
  stage: { gate, console_ },
}) => {
  const sizes = new Map<string, number>();
  let plain = 0;
  page.on("response", async (response) => {
    const { pathname } = new URL(response.url());
    if (!pathname.startsWith("/console/")) return;
    const { responseBodySize } = await response.request().sizes();
    sizes.set(pathname, responseBodySize);
    if (pathname.endsWith(".js")) plain += response.headers()["content-encoding"] === "br" ? 0 : 1;
  });
  await page.goto(`${console_}/console/`);
  await page.getByLabel("Admin token").fill(gate.token);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Overview" })).toBeVisible();
  await page.waitForLoadState("networkidle");
  const total = [...sizes.values()].reduce((sum, size) => sum + size, 0);
  expect(plain).toBe(0);
  expect(sizes.size).toBeGreaterThan(3);
  expect(total).toBeLessThan(BUDGET);

  await page.reload();
  await expect(page.getByRole("heading", { level: 1, name: "Overview" })).toBeVisible();
  const again = await page.evaluate(() =>
    (performance.getEntriesByType("resource") as PerformanceResourceTiming[])
      .filter(({ name }) => name.includes("/assets/"))
      .reduce((sum, { transferSize }) => sum + transferSize, 0),
  );
  expect(again).toBe(0);
});
