// What others typed must stay text, and what other sites send must change nothing.

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "./gate/test";

const MARKUP = "<img src=x onerror=\"document.title='pwned'\">";
// What a scope may hold of it: no blanks and no quotes.
const SCOPE = "<img/src=x/onerror=alert(1)>";
const BREAKOUT = "\"><script>document.title='pwned'</script>";

test("text that looks like markup is shown, never run", async ({
  signedIn: page,
  stage: { gate, console_ },
}) => {
  const consumers = "/v1/buckets/production/consumers";
  const made = await gate.manage<{ key: { key: { id: string } } }>("POST", consumers, {
    name: "hostile",
    subject: MARKUP,
    tags: { note: BREAKOUT, link: "javascript:alert(1)" },
    metadata: { [MARKUP]: BREAKOUT, list: [MARKUP, { [BREAKOUT]: "=1+1" }] },
    managers: ["x@example.com", MARKUP, BREAKOUT],
    key: { label: MARKUP, scopes: [SCOPE] },
  });
  // Before and after in the audit log.
  await gate.manage("PATCH", `${consumers}/hostile`, {
    subject: BREAKOUT,
    tags: { note: MARKUP },
    metadata: { [MARKUP]: MARKUP },
    managers: [BREAKOUT],
  });
  await gate.manage("PATCH", `/v1/keys/${made.key.key.id}`, { label: BREAKOUT });
  await gate.manage("PATCH", `/v1/keys/${made.key.key.id}`, { label: MARKUP });
  await gate.manage("POST", `/v1/keys/${made.key.key.id}/revoke`, { reason: BREAKOUT });
  const admin = await gate.manage<{ token: string; admin_token: { id: string } }>(
    "POST",
    "/v1/admin-tokens",
    {
      name: MARKUP,
      role: "owner",
    },
  );
  // Somebody of that name does something, which the log then says.
  await fetch(`${gate.admin}/v1/buckets/production/consumers/nobody`, {
    method: "DELETE",
    headers: { Authorization: `Bearer ${admin.token}` },
  });
  const paths = [
    "",
    "consumers",
    `consumers?q=${encodeURIComponent(MARKUP)}`,
    "consumers/production/hostile",
    `consumers/production/${encodeURIComponent(MARKUP)}`,
    "keys",
    "keys?state=revoked",
    `keys/${made.key.key.id}`,
    "audit",
    `audit?actor=${encodeURIComponent(BREAKOUT)}`,
    "admin-tokens",
    "buckets",
    `keys?q=${encodeURIComponent(MARKUP)}`,
    `keys/revoke?bucket=${encodeURIComponent(BREAKOUT)}`,
    `consumers?metadata=${encodeURIComponent(`/a:${MARKUP}`)}`,
    `?problem=${encodeURIComponent(MARKUP)}`,
    `nothing/${encodeURIComponent(BREAKOUT)}`,
  ];
  for (const path of paths) {
    await page.goto(`${console_}/console/${path}`);
    await expect(page.getByRole("main").getByRole("heading").first()).toBeVisible();
    if (path === "audit") {
      const closed = page.getByRole("listitem").getByRole("button", { expanded: false });
      await expect(closed.first()).toBeVisible();
      while ((await closed.count()) > 0) await closed.first().click();
    }
    expect(await page.title(), path).not.toBe("pwned");
    expect(await page.locator('img[src="x"], script:not([src])').count(), path).toBe(0);
  }
  await page.goto(`${console_}/console/keys/${made.key.key.id}`);
  await expect(page.getByRole("heading", { level: 1, name: MARKUP })).toBeVisible();
  await expect(page.getByText(SCOPE)).toBeVisible();
  await expect(page.getByText(BREAKOUT).first()).toBeVisible();
  await page.goto(`${console_}/console/admin-tokens`);
  await expect(page.getByRole("main").getByText(MARKUP).first()).toBeVisible();
});

test("what cannot be seen is shown by its number, and turns nothing around", async ({
  signedIn: page,
  stage: { gate, console_ },
}) => {
  const path = "/v1/buckets/production/consumers/unseen";
  const hidden = {
    "role\u200b": "\u202enimda\u202c",
    line: "one\u2028two\u0007\u001b[31m",
    smile: "\u{1f511} ключ مفتاح",
  };
  for (const field of [
    { subject: "a\u202eb" },
    { managers: ["a\u200bb@example.com"] },
    { tags: { a: "\u0007" } },
  ])
    await expect(
      gate.manage("POST", "/v1/buckets/production/consumers", { name: "unseen", ...field }),
    ).rejects.toThrow("422");
  await gate.manage("POST", "/v1/buckets/production/consumers", {
    name: "unseen",
    metadata: { before: "\u202ebefore" },
    tags: { script: "مفتاح \u{1f511}" },
    key: { label: "مفتاح \u{1f511} ключ" },
  });
  await gate.manage("PATCH", path, { metadata: hidden });

  await page.goto(`${console_}/console/consumers/production/unseen`);
  const editor = page.getByLabel("Metadata");
  await expect(editor).toHaveValue(/"role\\u200b": "\\u202enimda\\u202c"/);
  await expect(editor).toHaveValue(/one\\u2028two\\u0007\\u001b\[31m/);
  await expect(editor).toHaveValue(/\u{1f511} ключ مفتاح/u);
  await expect(page.getByRole("link", { name: "مفتاح \u{1f511} ключ" })).toBeVisible();
  // Saved again for another reason, it is what it was.
  await page.getByLabel("Subject").fill("another");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("status").getByText("unseen is saved")).toBeVisible();
  expect(await gate.manage("GET", path)).toMatchObject({ subject: "another", metadata: hidden });

  await page.goto(`${console_}/console/audit?target=unseen`);
  const entries = page.getByRole("main").getByRole("listitem").getByRole("button", { expanded: false });
  await expect(entries.first()).toBeVisible();
  while ((await entries.count()) > 0) await entries.first().click();
  await expect(page.getByRole("main").getByText("\\u202enimda\\u202c").first()).toBeVisible();
  expect(await page.getByRole("main").innerText()).not.toMatch(/(?![\t\n])[\p{Cc}\p{Cf}]/u);
});

test("the policy stops a script that got into the page all the same", async ({ browser, stage }) => {
  // A page of its own: here, violations are what is wanted.
  const page = await browser.newPage();
  await page.goto(`${stage.console_}/console/`);
  const outcome = await page.evaluate(async () => {
    const tried: Record<string, string> = {};
    const attempt = (name: string, run: () => void) => {
      try {
        run();
        tried[name] = "ran";
      } catch (error) {
        tried[name] = (error as Error).name;
      }
    };
    attempt("markup", () => {
      document.body.innerHTML += "<b>markup</b>";
    });
    // Not within this call, which the browser's debugger allows more.
    await new Promise<void>((resolve) => {
      setTimeout(() => {
        attempt("eval", () => {
          new Function("return 1")();
        });
        resolve();
      });
    });
    const script = document.createElement("script");
    attempt("inline", () => {
      script.text = "document.title = 'pwned'";
    });
    document.head.append(script);
    return { tried, title: document.title };
  });
  expect(outcome.tried.markup).toBe("TypeError");
  expect(outcome.tried.eval).not.toBe("ran");
  expect(outcome.title).not.toBe("pwned");
  await page.close();
});

test("another site can neither change anything with the admin's cookie, nor frame the console, nor read from it", async ({
  signedIn: page,
  context,
  stage: { gate, console_ },
}) => {
  const target = `${console_}/v1/buckets/production/consumers`;
  // `localhost` is another site than `127.0.0.1`.
  const evil = createServer((_, response) => {
    response.writeHead(200, { "Content-Type": "text/html" });
    response.end(`<!doctype html><title>evil</title>
      <iframe src="${console_}/console/"></iframe>
      <form method="post" enctype="text/plain" action="${target}"><input name='{"name":"forged","tags":{"a":"' value='b"}}'></form>`);
  });
  await new Promise<void>((resolve) => evil.listen(0, "localhost", resolve));
  const site = `http://localhost:${(evil.address() as AddressInfo).port}/`;
  const other = await context.newPage();
  await other.goto(site);
  const read = await other.evaluate(async (url) => {
    const plain = await fetch(url, { credentials: "include" }).then(
      () => "read",
      () => "refused",
    );
    const post = await fetch(url, {
      method: "POST",
      credentials: "include",
      mode: "no-cors",
      headers: { "Content-Type": "text/plain" },
      body: '{"name":"forged"}',
    }).then(
      (reply) => reply.type,
      () => "refused",
    );
    const json = await fetch(url, {
      method: "POST",
      credentials: "include",
      headers: { "Content-Type": "application/json", "X-CSRF-Token": "x" },
      body: '{"name":"forged"}',
    }).then(
      () => "read",
      () => "refused",
    );
    return { plain, post, json };
  }, target);
  expect(read.plain).toBe("refused");
  expect(read.json).toBe("refused");
  expect(other.frames().every((frame) => !frame.url().startsWith(`${console_}/console`))).toBe(true);
  await other.locator("form").evaluate((form: HTMLFormElement) => form.submit());
  await other.waitForLoadState();
  await expect(gate.manage("GET", "/v1/buckets/production/consumers/forged")).rejects.toThrow("404");
  await other.close();
  await new Promise((resolve) => evil.close(resolve));

  // From the console's own origin, with the cookie, but without the token that only its scripts know.
  const status = await page.evaluate(async () => {
    const body = JSON.stringify({ name: "forged" });
    const headers = { "Content-Type": "application/json" };
    return (await fetch("/v1/buckets/production/consumers", { method: "POST", headers, body })).status;
  });
  expect(status).toBe(403);
  await expect(gate.manage("GET", "/v1/buckets/production/consumers/forged")).rejects.toThrow("404");
});

test("neither the admin token nor a key is left in the browser", async ({
  signedIn: page,
  stage: { gate },
  context,
}) => {
  const kept = await page.evaluate(() =>
    JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, history.state]),
  );
  expect(kept).not.toContain(gate.token);
  const cookies = await context.cookies();
  expect(cookies).toHaveLength(1);
  expect(cookies[0]).toMatchObject({ httpOnly: true, sameSite: "Strict" });
  expect(cookies[0]?.value).not.toBe(gate.token);
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page.getByLabel("Admin token")).toBeVisible();
  await page.reload();
  await expect(page.getByLabel("Admin token")).toBeVisible();
});
