import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";

// Processes, sockets and ffmpeg take their time on a busy machine.
vi.setConfig({ testTimeout: 30_000 });

const MAIN = join(import.meta.dirname, "main.ts");
const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
});

class Sluice {
  readonly child: ChildProcess;
  out = "";
  err = "";
  readonly #closed: Promise<unknown[]>;

  constructor(...args: string[]) {
    this.child = spawn(process.execPath, [MAIN, ...args], { stdio: ["ignore", "pipe", "pipe"] });
    children.push(this.child);
    this.child.stdout?.on("data", (bytes) => (this.out += bytes));
    this.child.stderr?.on("data", (bytes) => (this.err += bytes));
    this.#closed = once(this.child, "close");
  }

  async line(): Promise<string> {
    while (!this.out.includes("\n")) {
      const step = await Promise.race([once(this.child.stdout!, "data"), this.#closed.then(() => undefined)]);
      if (!step) throw new Error(`sluice ended: ${this.err}`);
    }
    return this.out.split("\n")[0] ?? "";
  }

  async exitCode(): Promise<number | null> {
    await this.#closed;
    return this.child.exitCode;
  }
}

const QUIET = ["--http", "0", "--rtmp", "off", "--workers", "1", "--no-demo", "--log-level", "silent", "--json"];

test("serve tells its ports, and ends within five seconds of SIGTERM with exit code 0", async () => {
  const sluice = new Sluice(...QUIET);
  const { ports } = JSON.parse(await sluice.line());
  expect(ports).toEqual({ rtmp: [], http: [expect.any(Number)] });
  const start = performance.now();
  sluice.child.kill("SIGTERM");
  expect([await sluice.exitCode(), sluice.err]).toEqual([0, ""]);
  expect(performance.now() - start).toBeLessThan(5000);
});

test("two signals in a row are one Ctrl-C, which npm handed on, and do not end it half-way", async () => {
  const sluice = new Sluice(...QUIET);
  await sluice.line();
  sluice.child.kill("SIGINT");
  sluice.child.kill("SIGINT");
  sluice.child.kill("SIGTERM");
  expect([await sluice.exitCode(), sluice.err]).toEqual([0, ""]);
});

test("a port that another program has is told in one line with exit code 1", async () => {
  const other = createServer().listen(0);
  await once(other, "listening");
  const { port } = other.address() as { port: number };
  const sluice = new Sluice("--rtmp", String(port), ...QUIET.slice(0, 2), "--no-demo");
  expect(await sluice.exitCode()).toBe(1);
  expect(sluice.err).toMatch(new RegExp(`^sluice: .*port ${port} is taken.*\n$`));
  other.close();
});

test("a second Sluice does not share the port of the first", async () => {
  const first = new Sluice(...QUIET);
  const { ports } = JSON.parse(await first.line());
  const second = new Sluice("--http", String(ports.http[0]), ...QUIET.slice(2));
  expect(await second.exitCode()).toBe(1);
  expect(second.err).toMatch(/^sluice: .* is taken.*\n$/);
});

test("a configuration that cannot be read, or a mistake in a flag, ends it with exit code 2", async () => {
  const missing = new Sluice("--config", "/none.yaml");
  const mistake = new Sluice("--wrokers", "2");
  expect([await missing.exitCode(), missing.err]).toEqual([2, "sluice: /none.yaml: cannot be read: no such file\n"]);
  expect([await mistake.exitCode(), mistake.err]).toEqual([
    2,
    "sluice: unknown flag --wrokers of serve (did you mean --workers?); sluice serve --help lists them\n",
  ]);
});
