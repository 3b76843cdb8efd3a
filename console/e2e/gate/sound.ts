// Whether what is shown can be used by everybody, and on a phone.

import type { Page } from "@playwright/test";
import type { AxeResults } from "axe-core";
import axe from "axe-core";

/** What axe finds serious or worse on what is shown. */
export async function findings(page: Page): Promise<string[]> {
  // Evaluated by the browser itself, so the page's policy stays as it is.
  await page.evaluate(axe.source);
  const results = await page.evaluate(() =>
    (globalThis as unknown as { axe: { run: () => Promise<AxeResults> } }).axe.run(),
  );
  return results.violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) =>
      nodes.map((node) => `${id}: ${node.html.slice(0, 160)} ${node.failureSummary ?? ""}`),
    );
}

/** What makes the page scroll sideways. */
export function pastTheEdge(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    const past = [...document.querySelectorAll("main *")].filter(
      (element) => element.getBoundingClientRect().right > width + 1,
    );
    return document.documentElement.scrollWidth > width
      ? past.slice(0, 3).map((element) => element.outerHTML.slice(0, 200))
      : [];
  });
}
