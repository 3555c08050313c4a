/** What the measurements under stress have in common: a server with one stream, and viewers that measure while others stress it. */
import { setTimeout as sleep } from "node:timers/promises";
import { MediaError } from "../src/base/media-error.ts";
import type { LoadReport } from "../src/services/load/load-report.ts";
import { publishLoad } from "../src/services/load/publish-load.ts";
import { runLoad } from "../src/services/load/run-load.ts";
import { showProgress, streamShape } from "./command.ts";
import { placeOnCores } from "./machine.ts";
import { type ServerProcess, startServer } from "./server-process.ts";

const PAUSE_MS = 2_000;
const PROBES = 20;
const PROBES_PER_SECOND = 100;
const PROBE_SETTLE_SECONDS = 1;
/** What a probe takes beyond the seconds that it measures. */
export const PROBE_OVERHEAD_SECONDS = PROBES / PROBES_PER_SECOND + PROBE_SETTLE_SECONDS + 1;

export interface StressSettings {
  readonly workers: number;
  readonly kbps: number;
  readonly gop: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly nodeArguments: readonly string[];
}

/** A server with a stream. */
export interface StressedServer extends AsyncDisposable {
  readonly process: ServerProcess;
  /** HTTP-FLV. */
  readonly url: string;
}

export async function startStressed(settings: StressSettings): Promise<StressedServer> {
  const { workers, environment, nodeArguments } = settings;
  const process = await startServer({ workers, environment, nodeArguments, cores: placeOnCores(workers).server });
  const publisher = await publishLoad(
    [`rtmp://127.0.0.1:${process.rtmpPort}/live/bench`],
    streamShape(settings.kbps, settings.gop),
  );
  await sleep(PAUSE_MS);
  return {
    process,
    url: `http://127.0.0.1:${process.httpPort}/live/bench.flv`,
    async [Symbol.asyncDispose]() {
      await publisher.stop();
      await process[Symbol.asyncDispose]();
    },
  };
}

/** Twenty viewers more, for latency in one phase of a longer run. */
export function probe({ url, process }: StressedServer, phase: string, seconds: number): Promise<LoadReport> {
  const options = { viewers: PROBES, sampled: PROBES, rampPerSecond: PROBES_PER_SECOND, settleSeconds: PROBE_SETTLE_SECONDS };
  return runLoad({
    ...options,
    urls: [url],
    holdSeconds: seconds,
    serverPid: process.pid,
    onProgress: (progress) => showProgress(phase, PROBES, progress),
  });
}

/** How often viewers of the stream have been moved to a key frame, as the server's API says. */
export async function countSkips({ process }: StressedServer): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${process.httpPort}/api/streams/live/bench`);
  if (!response.ok) throw new MediaError(`the server's API answers ${response.status}`);
  const { skips } = (await response.json()) as { skips: number };
  return skips;
}

/** One thing that must hold, and what was found. */
export interface Check {
  readonly what: string;
  readonly isMet: boolean;
}

export function printChecks(checks: readonly Check[]): void {
  console.log("");
  for (const { what, isMet } of checks) console.log(`${isMet ? "ok    " : "MISSED"}  ${what}`);
}
