import { type ChildProcess, spawn } from "node:child_process";
import { on, once } from "node:events";
import { createServer } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";

const MAIN = join(import.meta.dirname, "../bin/sluice.js");
const START_TIMEOUT_MS = 20_000;
/** A server that has not ended this long after SIGTERM is killed. */
const END_TIMEOUT_MS = 10_000;

export interface ServerSettings {
  readonly workers: number;
  /** Cores to pin it to, as `taskset -c` wants them; undefined leaves it free. */
  readonly cores: string | undefined;
  /** For `node`, before the program: `--cpu-prof`. */
  readonly nodeArguments: readonly string[];
  /** For `sluice serve`, and for its configuration by environment. */
  readonly environment: Readonly<Record<string, string>>;
}

/** A server in a process of its own, on free ports of 127.0.0.1. */
export interface ServerProcess extends AsyncDisposable {
  readonly pid: number;
  readonly rtmpPort: number;
  /** 0 without. */
  readonly httpPort: number;
  /** Rejects when it ends by itself. */
  readonly ended: Promise<never>;
}

export async function startServer(settings: ServerSettings): Promise<ServerProcess> {
  const serve = [MAIN, "serve", "--no-demo", "--json", "--log-level", "warn", "--workers", String(settings.workers)];
  const ports = ["--host", "127.0.0.1", "--rtmp", "0", "--http", "0"];
  const command = [process.execPath, ...settings.nodeArguments, ...serve, ...ports];
  const { child, ...server } = spawnServer(command, { ...settings, hasOutput: true });
  const open = await Promise.race([server.ended, openPorts(child)]);
  return { ...server, rtmpPort: open.rtmp[0] ?? 0, httpPort: open.http[0] ?? 0 };
}

export interface SpawnOptions {
  readonly cores: string | undefined;
  readonly environment?: Readonly<Record<string, string>>;
  /** Its standard output is read, else thrown away. */
  readonly hasOutput: boolean;
}

export type SpawnedServer = Omit<ServerProcess, "rtmpPort" | "httpPort"> & { readonly child: ChildProcess };

/** Starts a program that runs until it is told to end, on the cores it is to have. */
export function spawnServer(command: readonly string[], options: SpawnOptions): SpawnedServer {
  const [program = "", ...args] = options.cores === undefined ? command : ["taskset", "-c", options.cores, ...command];
  const env = { ...process.env, ...options.environment };
  const child = spawn(program, args, { stdio: ["ignore", options.hasOutput ? "pipe" : "ignore", "inherit"], env });
  const ended = new Promise<never>((_, reject) => {
    child.once("exit", (code, signal) => reject(new Error(`the server has ended: ${signal ?? code}`)));
    child.once("error", reject);
  });
  ended.catch(() => {}); // also when it is told to end
  return {
    child,
    pid: child.pid ?? 0,
    ended,
    async [Symbol.asyncDispose]() {
      if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
      const killer = setTimeout(() => child.kill("SIGKILL"), END_TIMEOUT_MS);
      child.kill("SIGTERM");
      await once(child, "exit");
      clearTimeout(killer);
    },
  };
}

/** A port of 127.0.0.1 that nobody listens on now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address ? address.port : 0;
}

interface OpenPorts {
  readonly rtmp: readonly number[];
  readonly http: readonly number[];
}

/** Warnings may come before the line with the ports. */
async function openPorts(child: ChildProcess): Promise<OpenPorts> {
  if (!child.stdout) throw new Error("the server has no output");
  const lines = createInterface(child.stdout);
  for await (const [line] of on(lines, "line", { signal: AbortSignal.timeout(START_TIMEOUT_MS) })) {
    const { ports } = JSON.parse(String(line)) as { ports?: OpenPorts };
    if (ports) return ports;
  }
  throw new Error("the server does not say its ports");
}
