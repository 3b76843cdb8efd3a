// TEMPORARY: stands before the admin API and gives it sessions.
import { randomUUID } from "node:crypto";
import { createServer, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";

export async function standIn(admin: string): Promise<{ url: string; stop: () => Promise<void> }> {
  const sessions = new Map<string, { token: string; csrf: string }>();
  const server: Server = createServer(async (req, res) => {
    const url = new URL(req.url ?? "/", admin);
    const chunks: Buffer[] = [];
    for await (const chunk of req) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const id = /session=([^;]+)/.exec(req.headers.cookie ?? "")?.[1];
    const session = id ? sessions.get(id) : undefined;
    const json = (status: number, value: unknown, headers = {}) => {
      res.writeHead(status, { "Content-Type": "application/json", ...headers });
      res.end(JSON.stringify(value));
    };
    const whoami = async (token: string) =>
      fetch(`${admin}/v1/whoami`, { headers: { Authorization: `Bearer ${token}` } });
    if (url.pathname === "/v1/sign-in") return json(200, { token: true, oidc: null });
    if (url.pathname === "/v1/session") {
      if (req.method === "POST") {
        const { token } = JSON.parse(body.toString());
        const who = await whoami(token);
        if (!who.ok) return json(401, { title: "The token is not known", code: "invalid_token", status: 401 });
        const [key, csrf] = [randomUUID(), randomUUID()];
        sessions.set(key, { token, csrf });
        const data = (await who.json()) as object;
        return json(200, { ...data, csrf_token: csrf }, { "Set-Cookie": `session=${key}; HttpOnly; SameSite=Strict; Path=/` });
      }
      if (!session) return json(401, { title: "No session", code: "missing_token", status: 401 });
      if (req.method === "DELETE") {
        sessions.delete(id as string);
        res.writeHead(204);
        return res.end();
      }
      const data = (await (await whoami(session.token)).json()) as object;
      return json(200, { ...data, csrf_token: session.csrf });
    }
    if (session && req.method !== "GET" && req.headers["x-csrf-token"] !== session.csrf) {
      return json(403, { title: "CSRF", code: "forbidden", status: 403 });
    }
    const headers = { ...req.headers, host: url.host };
    delete headers.cookie;
    if (session) headers.authorization = `Bearer ${session.token}`;
    const onward = request(url, { method: req.method, headers }, (answer) => {
      res.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(res);
    });
    onward.on("error", () => res.destroy());
    onward.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
