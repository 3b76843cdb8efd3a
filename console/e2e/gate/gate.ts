// The real binary before a real origin, on free loopback ports and in a folder of its own, both gone afterwards.

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const BINARY =
  globalThis.process.env.MINTGATE ?? new URL("../../../target/debug/mintgate", import.meta.url).pathname;
const SECONDS_TO_START = 30;

interface Wanted {
  /** Where the admin listener is to be; anywhere if left out. */
  admin?: number;
  /** More of the table `[admin]`. */
  inAdmin?: string;
  /** More tables. */
  more?: string;
  /** Files beside the configuration. */
  files?: Record<string, string>;
}

export class Gate {
  private constructor(
    private readonly home: string,
    private readonly process: ChildProcess,
    private readonly origin: Origin,
    /** Where callers send their requests. */
    readonly data: string,
    /** Where the admin API and the console are. */
    readonly admin: string,
    /** The first admin token. */
    readonly token: string,
  ) {}

  static async start({ admin: port, inAdmin = "", more = "", files = {} }: Wanted = {}): Promise<Gate> {
    const home = mkdtempSync(join(tmpdir(), "mintgate-console-"));
    const origin = await Origin.start();
    const [data, admin] = [await freePort(), port ?? (await freePort())];
    execFileSync(BINARY, ["init", join(home, "gate"), "--origin", origin.url], { stdio: "ignore" });
    const file = join(home, "gate", "mintgate.toml");
    const config = readFileSync(file, "utf8")
      .replace("127.0.0.1:8080", `127.0.0.1:${data}`)
      .replace("http://localhost:8080", `http://127.0.0.1:${data}`)
      .replace('"127.0.0.1:8081"', `"127.0.0.1:${admin}"\n${inAdmin}`);
    for (const [name, text] of Object.entries(files))
      writeFileSync(join(home, "gate", name), text, { mode: 0o600 });
    // Counts are written down often, so that nobody waits for them.
    writeFileSync(file, `${config}\n[usage]\ninterval = "200ms"\n${more}`);
    const log: Buffer[] = [];
    const process = spawn(BINARY, ["serve", "--config", file], { stdio: ["ignore", "pipe", "pipe"] });
    process.stdout?.on("data", (bytes: Buffer) => log.push(bytes));
    process.stderr?.on("data", (bytes: Buffer) => log.push(bytes));
    const token = readFileSync(join(home, "gate", "data", "admin.token"), "utf8").trim();
    const gate = new Gate(
      home,
      process,
      origin,
      `http://127.0.0.1:${data}`,
      `http://127.0.0.1:${admin}`,
      token,
    );
    try {
      await listening(admin, process);
      await listening(data, process);
    } catch (problem) {
      await gate.stop();
      throw new Error(`the gateway did not start: ${Buffer.concat(log).toString()}`, { cause: problem });
    }
    return gate;
  }

  async stop(): Promise<void> {
    if (this.process.exitCode === null) {
      const ended = new Promise((resolve) => this.process.once("exit", resolve));
      this.process.kill("SIGTERM");
      const late = setTimeout(() => this.process.kill("SIGKILL"), 10_000);
      await ended;
      clearTimeout(late);
    }
    await this.origin.stop();
    rmSync(this.home, { recursive: true, force: true });
  }

  /** A request as a caller sends it. */
  async call(key: string, path = "/orders"): Promise<number> {
    const response = await fetch(this.data + path, { headers: { Authorization: `Bearer ${key}` } });
    await response.text();
    return response.status;
  }

  /** A request to the admin API, for what a test needs to be there. */
  async manage<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await fetch(this.admin + path, {
      method,
      headers: { Authorization: `Bearer ${this.token}`, "Content-Type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return (text ? JSON.parse(text) : undefined) as T;
  }
}

/** Answers everything with what it got to see. */
class Origin {
  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async start(): Promise<Origin> {
    const server = createServer((request: IncomingMessage, response) => {
      const status = Number(new URL(request.url ?? "/", "http://origin").searchParams.get("status") ?? 200);
      response.writeHead(status, { "Content-Type": "application/json" });
      response.end(JSON.stringify({ authorization: request.headers.authorization ?? null }));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return new Origin(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

export async function listening(port: number, process: ChildProcess): Promise<void> {
  const deadline = Date.now() + SECONDS_TO_START * 1000;
  while (Date.now() < deadline && process.exitCode === null) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, "127.0.0.1", () => {
        socket.destroy();
        resolve(true);
      });
      socket.on("error", () => resolve(false));
    });
    if (open) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`nothing listens on ${port}`);
}
