import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { freePort } from "./server-process.ts";

const SECONDS = 6;
/** `sink` must be connected before `fanlimit` begins, and stay until it has ended. */
const SINK_SECONDS = SECONDS + 4;
/** Bytes of 1 Mbps in a ms. */
const BYTES_PER_MS = 125;

export interface FloorOptions {
  /** Where the programs `fanlimit` and `sink` are. */
  readonly folder: string;
  readonly viewers: number;
  readonly intervalMs: number;
  /** Cores of the sender, as `taskset -c` wants them. */
  readonly cores: string;
}

/**
 * What nothing but `send(2)` costs at the same interval, in µs per viewer-second of 1 Mbps: no server in user space can be cheaper.
 * Measured by two C programs, on the same cores as server and load.
 */
export async function measureFloor(options: FloorOptions): Promise<number> {
  const { folder, viewers, cores } = options;
  const intervalMs = Math.max(1, Math.round(options.intervalMs));
  const port = await freePort();
  const run = promisify(execFile);
  const words = [port, viewers, SECONDS, "send", BYTES_PER_MS * intervalMs, intervalMs].map(String);
  const sending = run("taskset", ["-c", cores, join(folder, "fanlimit"), ...words]);
  await new Promise((resolve) => setTimeout(resolve, 500)); // until it listens: it says nothing when it does
  const [{ stdout }] = await Promise.all([sending, run(join(folder, "sink"), [port, viewers, SINK_SECONDS].map(String))]);
  return Number(/us\/vs@1Mbps=([\d.]+)/.exec(stdout)?.[1] ?? Number.NaN);
}
