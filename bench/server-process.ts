import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";

const MAIN = join(import.meta.dirname, "../bin/sluice.js");
const START_TIMEOUT_MS = 20_000;

export interface ServerSettings {
  readonly workers: number;
  /** Cores to pin it to, as `taskset -c` wants them; undefined leaves it free. */
  readonly cores: string | undefined;
  /** For `node`, before the program: `--cpu-prof`. */
  readonly nodeArguments: readonly string[];
  /** For `sluice serve`, and for its configuration by environment. */
  readonly environment: Readonly<Record<string, string>>;
}

/** A Sluice in a process of its own, on free ports of 127.0.0.1. */
export interface ServerProcess extends AsyncDisposable {
  readonly pid: number;
  readonly rtmpPort: number;
  readonly httpPort: number;
  /** Rejects when it ends by itself. */
  readonly ended: Promise<never>;
}

export async function startServer(settings: ServerSettings): Promise<ServerProcess> {
  const serve = [MAIN, "serve", "--no-demo", "--json", "--log-level", "warn", "--workers", String(settings.workers)];
  const ports = ["--host", "127.0.0.1", "--rtmp", "0", "--http", "0"];
  const command = [process.execPath, ...settings.nodeArguments, ...serve, ...ports];
  const [program = "", ...args] = settings.cores === undefined ? command : ["taskset", "-c", settings.cores, ...command];
  const env = { ...process.env, ...settings.environment };
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "inherit"], env });
  const ended = new Promise<never>((_, reject) => {
    child.once("exit", (code, signal) => reject(new Error(`the server has ended: ${signal ?? code}`)));
    child.once("error", reject);
  });
  ended.catch(() => {}); // also when it is told to end
  const line = await Promise.race([ended, firstLine(child)]);
  const { ports: open } = JSON.parse(line) as { ports: { rtmp: number[]; http: number[] } };
  return {
    pid: child.pid ?? 0,
    rtmpPort: open.rtmp[0] ?? 0,
    httpPort: open.http[0] ?? 0,
    ended,
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill("SIGTERM");
      await once(child, "exit");
    },
  };
}

async function firstLine(child: ChildProcess): Promise<string> {
  if (!child.stdout) throw new Error("the server has no output");
  const lines = createInterface(child.stdout);
  const [line] = await once(lines, "line", { signal: AbortSignal.timeout(START_TIMEOUT_MS) });
  return String(line);
}
