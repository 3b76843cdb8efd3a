// How soon one can type into the first page. Measured and not asserted: the machine has a say in it.

import { expect, test } from "../e2e/gate/test";

const LOADS = 15;

test("how soon a first load is interactive", async ({ browser, stage: { console_ } }) => {
  const times: number[] = [];
  for (let load = 0; load < LOADS; load++) {
    const context = await browser.newContext();
    const page = await context.newPage();
    // When the field is there and has the focus, one can type.
    await page.addInitScript(() => {
      document.addEventListener("focusin", ({ target }) => {
        if (target instanceof HTMLInputElement) performance.mark("interactive");
      });
    });
    await page.goto(`${console_}/console/`);
    await expect(page.getByLabel("Admin token")).toBeFocused();
    times.push(
      await page.evaluate(() => performance.getEntriesByName("interactive")[0]?.startTime ?? Number.NaN),
    );
    await context.close();
  }
  times.sort((one, other) => one - other);
  const [least, middle, most] = [0, LOADS >> 1, LOADS - 1].map((at) => Math.round(times[at] ?? Number.NaN));
  // biome-ignore lint/suspicious/noConsole: the measurement is what it is for
  console.log(`interactive after ${middle} ms (${least} to ${most}; median of ${LOADS} first loads)`);
});
