import { execFile } from "node:child_process";
import { promisify } from "node:util";

/** What an independent load generator, written in C, measured. */
export interface PullloadReport {
  readonly cpuUsPerViewerSecond: number;
  readonly latencyP50Ms: number;
  readonly latencyP99Ms: number;
}

export interface PullloadOptions {
  readonly program: string;
  readonly url: string;
  readonly viewers: number;
  readonly seconds: number;
  readonly settleSeconds: number;
  readonly rampPerSecond: number;
  readonly kbps: number;
  readonly serverPid: number;
}

interface PullloadJson {
  readonly lat_ms: { readonly p50: number; readonly p99: number };
  readonly server: { readonly us_per_viewer_s: number };
}

/** Runs `pullload` against the same server. */
export async function runPullload(options: PullloadOptions): Promise<PullloadReport> {
  const { viewers, rampPerSecond, settleSeconds, seconds, serverPid, kbps } = options;
  const args = ["-n", viewers, "-k", Math.min(20, viewers), "-r", rampPerSecond, "--settle", settleSeconds, "--window", seconds];
  const server = ["--pid", serverPid, "--tree", "--expect-kbps", kbps, "--json", "--reset", options.url];
  const { stdout } = await promisify(execFile)(options.program, [...args, ...server].map(String));
  const report = JSON.parse(stdout) as PullloadJson;
  return {
    cpuUsPerViewerSecond: report.server.us_per_viewer_s,
    latencyP50Ms: report.lat_ms.p50,
    latencyP99Ms: report.lat_ms.p99,
  };
}
