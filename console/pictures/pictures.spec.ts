// The four pictures in docs/, taken of the real thing: `npm run pictures`.

import { expect, test } from "../e2e/gate/test";

const PLACE = "../docs/console";

test("the pictures of the documentation", async ({ signedIn: page, stage: { gate, console_ } }) => {
  const consumers = "/v1/buckets/production/consumers";
  const keys: string[] = [];
  const soon = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();
  for (const [index, name] of [
    "acme-shipping",
    "northwind",
    "billing-service",
    "mobile-app",
    "partner-portal",
  ].entries()) {
    const made = await gate.manage<{ key: { secret: string } }>("POST", consumers, {
      name,
      tags: { plan: index < 2 ? "gold" : "silver", team: "logistics" },
      metadata: { customer: 4200 + index, region: "eu-central" },
      managers: [`ops@${name}.example`],
      key: {
        label: "nightly sync",
        scopes: ["orders:read"],
        ...(index > 2 ? { expires: soon(index * 2) } : {}),
      },
    });
    keys.push(made.key.secret);
  }
  await gate.manage("POST", `${consumers}/acme-shipping/keys`, {
    label: "warehouse scanner",
    scopes: ["orders:read", "orders:write"],
  });
  for (const [index, key] of keys.entries()) {
    for (let call = 0; call < 140 - 25 * index; call++) {
      await gate.call(
        key,
        call % 11 === 3 ? "/orders?status=404" : call % 37 === 5 ? "/orders?status=502" : "/orders",
      );
    }
  }
  for (let call = 0; call < 9; call++) await gate.call(call % 3 ? `${keys[0]?.slice(0, -1)}x` : "guess");
  await gate.manage("POST", "/v1/signing-keys/rotate", { emergency: true });
  await gate.manage("POST", "/v1/signing-keys/rotate", {});
  await page.setViewportSize({ width: 1120, height: 760 });
  const shot = async (name: string) => {
    await page.waitForLoadState("networkidle");
    await page.mouse.move(0, 0);
    await page.screenshot({ path: `${PLACE}/${name}.png`, animations: "disabled" });
  };

  await page.goto(`${console_}/console/`);
  await expect(page.getByRole("img", { name: /requests in the last 24 hours/ })).toBeVisible();
  await shot("overview");
  await page.goto(`${console_}/console/consumers/production/acme-shipping`);
  await expect(page.getByRole("img", { name: /requests in the last 7 days/ })).toBeVisible();
  await shot("consumer");
  await page.getByRole("button", { name: "Actions for key nightly sync" }).click();
  await page.getByRole("menuitem", { name: "Revoke…" }).click();
  await expect(page.getByText("This key is in use")).toBeVisible();
  await shot("revoke");
  await page.emulateMedia({ colorScheme: "dark" });
  await page.goto(`${console_}/console/signing-keys`);
  await expect(page.getByRole("heading", { level: 1, name: "Signing keys" })).toBeVisible();
  await shot("signing-keys");
});
