import { lookup } from "node:dns/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { Histogram } from "./histogram.ts";
import type { LoadOptions, LoadProgress, LoadReport, ServerReport, ViewerReport } from "./load-report.ts";
import { parseLoadTarget } from "./load-target.ts";
import { type ProcessUsage, readProcessUsage } from "./process-usage.ts";
import type { SampledResults } from "./sampled-results.ts";
import { type PlanOptions, planViewers } from "./viewer-plan.ts";
import type { PoolOptions, PoolProgress, PoolResults } from "./viewer-pool.ts";
import { mergeResults, type ViewerResults } from "./viewer-results.ts";
import type { FromViewerWorker, ToViewerWorker } from "./viewer-worker.ts";

const STANDARD_SAMPLED = 20;
const STANDARD_RAMP = 1000;
/** Between the plan and its first viewer. */
const LEAD_MS = 50;
const PROGRESS_EVERY_MS = 500;
const NO_PROGRESS: PoolProgress = { started: 0, watching: 0, failed: 0, bytes: 0 };
const NOTHING_SAMPLED: SampledResults = {
  viewers: 0,
  withMedia: 0,
  video: 0,
  audio: 0,
  withoutVideo: 0,
  withoutAudio: 0,
  startedWithoutKey: 0,
  lostFrames: 0,
  backwards: 0,
  framingErrors: 0,
  firstError: "",
  longestFrameGapMs: 0,
};

interface Schedule {
  readonly rampStartMs: number;
  readonly rampEndMs: number;
  readonly windowStartMs: number;
  readonly windowEndMs: number;
}

/**
 * Opens viewers at a steady pace, lets them settle, measures for a window, closes them. Rejects with MediaError for a URL that cannot
 * be loaded, and with the signal's reason; what goes wrong with viewers is in the report.
 */
export async function runLoad(options: LoadOptions): Promise<LoadReport> {
  const targets = options.urls.map(parseLoadTarget);
  const addresses = await Promise.all(targets.map(async ({ host }) => (await lookup(host)).address));
  const drains = options.threads ?? 1;
  const threads = Array.from({ length: drains + ((options.sampled ?? STANDARD_SAMPLED) > 0 ? 1 : 0) }, () => new ViewerThread());
  try {
    await Promise.all(threads.map((thread) => Promise.race([thread.ready, thread.failed])));
    const schedule = scheduleOf(options);
    const plans = planViewers(planOptions(options, schedule, addresses));
    for (const [index, plan] of plans.entries()) {
      threads[index]?.start({
        targets,
        addresses,
        plan,
        isSampled: index >= drains,
        windowStartMs: schedule.windowStartMs,
        windowEndMs: schedule.windowEndMs,
        stallMs: (options.stallSeconds ?? 2) * 1000,
        expectedBps: (options.expectedKbps ?? 0) * 1000,
      });
    }
    return await measure(options, schedule, threads);
  } finally {
    await Promise.all(threads.map((thread) => thread.close()));
  }
}

function planOptions(options: LoadOptions, schedule: Schedule, addresses: readonly string[]): PlanOptions {
  const { viewers, sampled, threads, rampPerSecond, pulse } = options;
  return {
    viewers,
    sampled: sampled ?? STANDARD_SAMPLED,
    threads: threads ?? 1,
    targets: addresses.length,
    rampStartMs: schedule.rampStartMs,
    rampPerSecond: rampPerSecond ?? STANDARD_RAMP,
    pulse: pulse && {
      viewers: pulse.viewers,
      startMs: schedule.windowStartMs + pulse.afterSeconds * 1000,
      overMs: pulse.overSeconds * 1000,
    },
    isLoopback: addresses.every((address) => address.startsWith("127.")),
  };
}

function scheduleOf(options: LoadOptions): Schedule {
  const rampStartMs = wallNow() + LEAD_MS;
  const rampEndMs = rampStartMs + (options.viewers / (options.rampPerSecond ?? STANDARD_RAMP)) * 1000;
  const windowStartMs = rampEndMs + (options.settleSeconds ?? 5) * 1000;
  return { rampStartMs, rampEndMs, windowStartMs, windowEndMs: windowStartMs + (options.holdSeconds ?? 15) * 1000 };
}

async function measure(options: LoadOptions, schedule: Schedule, threads: readonly ViewerThread[]): Promise<LoadReport> {
  const { serverPid } = options;
  const usage = (): ProcessUsage | undefined => (serverPid === undefined ? undefined : readProcessUsage(serverPid));
  const failed = Promise.race(threads.map((thread) => thread.failed));
  const idle = usage();
  await Promise.race([failed, watch(options, schedule, threads, schedule.windowStartMs)]);
  const before = usage();
  const ownBefore = process.cpuUsage();
  const startMs = wallNow();
  await Promise.race([failed, watch(options, schedule, threads, schedule.windowEndMs)]);
  const after = usage();
  const own = process.cpuUsage(ownBefore);
  const windowMs = wallNow() - startMs;
  const results = await Promise.race([failed, Promise.all(threads.map((thread) => thread.finish()))]);
  const base = mergeResults(results.map((result) => result.base));
  return {
    windowSeconds: windowMs / 1000,
    mbps: (base.windowBytes * 8) / 1000 / (schedule.windowEndMs - schedule.windowStartMs),
    viewers: viewerReport(base, options.viewers),
    pulse: options.pulse && viewerReport(mergeResults(results.map((result) => result.pulse)), options.pulse.viewers),
    ...sampledReport(results),
    server: idle && before && after && serverReport({ idle, before, after, windowMs, watching: base.watching }),
    loadCpuShare: (own.user + own.system) / 1000 / windowMs,
  };
}

/** Reports progress until a moment. */
async function watch(options: LoadOptions, schedule: Schedule, threads: readonly ViewerThread[], untilMs: number): Promise<void> {
  const wait = options.signal ? { signal: options.signal } : {};
  let bytes = 0;
  for (let nowMs = wallNow(); nowMs < untilMs; nowMs = wallNow()) {
    await sleep(Math.min(PROGRESS_EVERY_MS, untilMs - nowMs), undefined, wait);
    const progress = sumProgress(threads.map((thread) => thread.progress));
    const mbps = Math.max(0, ((progress.bytes - bytes) * 8) / 1000 / (wallNow() - nowMs));
    if (bytes > 0) options.onProgress?.(describe(schedule, progress, mbps));
    bytes = progress.bytes;
  }
}

function describe(schedule: Schedule, progress: PoolProgress, mbps: number): LoadProgress {
  const nowMs = wallNow();
  const phase = nowMs < schedule.rampEndMs ? "ramp" : nowMs < schedule.windowStartMs ? "settle" : "window";
  const endMs = { ramp: schedule.rampEndMs, settle: schedule.windowStartMs, window: schedule.windowEndMs }[phase];
  const { started, watching, failed } = progress;
  return { phase, secondsLeft: Math.max(0, (endMs - nowMs) / 1000), started, watching, failed, mbps };
}

function sumProgress(parts: readonly PoolProgress[]): PoolProgress {
  return parts.reduce(
    (sum, part) => ({
      started: sum.started + part.started,
      watching: sum.watching + part.watching,
      failed: sum.failed + part.failed,
      bytes: sum.bytes + part.bytes,
    }),
    NO_PROGRESS,
  );
}

function viewerReport(results: ViewerResults, wanted: number): ViewerReport {
  const { connectUs, firstByteUs, firstMediaUs, firstKeyUs, rateBps, windowBytes: _, ...counts } = results;
  const quantiles = (data: ViewerResults["connectUs"]) => Histogram.merge([data]).quantiles(1000);
  return {
    wanted,
    ...counts,
    kbps: quantiles(rateBps),
    connectMs: quantiles(connectUs),
    firstByteMs: quantiles(firstByteUs),
    firstMediaMs: quantiles(firstMediaUs),
    firstKeyMs: quantiles(firstKeyUs),
  };
}

function sampledReport(results: readonly PoolResults[]): Pick<LoadReport, "sampled" | "latencyMs" | "arrivalMs"> {
  const parts = results.flatMap((result) => result.sampled ?? []);
  return {
    sampled: parts[0]?.viewers ?? NOTHING_SAMPLED, // one thread has them all
    latencyMs: Histogram.merge(parts.map((part) => part.latencyUs)).quantiles(1000),
    arrivalMs: Histogram.merge(parts.map((part) => part.arrivalUs)).quantiles(1000),
  };
}

function serverReport(measured: {
  idle: ProcessUsage;
  before: ProcessUsage;
  after: ProcessUsage;
  windowMs: number;
  watching: number;
}): ServerReport {
  const { idle, before, after, windowMs, watching } = measured;
  const cpuUs = after.cpuUs - before.cpuUs;
  return {
    cpuSeconds: cpuUs / 1e6,
    userSeconds: (after.userMs - before.userMs) / 1000,
    systemSeconds: (after.systemMs - before.systemMs) / 1000,
    cpuShare: cpuUs / 1000 / windowMs,
    cpuUsPerViewerSecond: watching > 0 ? cpuUs / (watching * (windowMs / 1000)) : 0,
    rssBeforeBytes: idle.rssBytes,
    rssBytes: Math.max(before.rssBytes, after.rssBytes),
    peakRssBytes: after.peakRssBytes,
    rssPerViewerBytes: watching > 0 ? (Math.max(before.rssBytes, after.rssBytes) - idle.rssBytes) / watching : 0,
  };
}

/** One thread of viewers, seen from here. */
class ViewerThread {
  readonly ready: Promise<void>;
  /** Rejects when the thread breaks. */
  readonly failed: Promise<never>;
  progress: PoolProgress = NO_PROGRESS;
  readonly #worker: Worker;
  readonly #results = Promise.withResolvers<PoolResults>();
  readonly #exited: Promise<unknown>;

  constructor() {
    const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
    this.#worker = new Worker(new URL(`./viewer-worker.${extension}`, import.meta.url));
    this.#exited = new Promise((resolve) => this.#worker.once("exit", resolve));
    this.failed = new Promise((_, reject) => this.#worker.once("error", reject));
    this.failed.catch(() => {}); // it may break when nobody waits any more
    const ready = Promise.withResolvers<void>();
    this.ready = ready.promise;
    this.#worker.on("message", (message: FromViewerWorker) => {
      if (message.type === "ready") ready.resolve();
      else if (message.type === "results") this.#results.resolve(message.results);
      else this.progress = message.progress;
    });
  }

  start(options: PoolOptions): void {
    this.#send({ type: "start", options });
  }

  finish(): Promise<PoolResults> {
    this.#send({ type: "finish" });
    return this.#results.promise;
  }

  /** Closes its viewers and ends it. */
  async close(): Promise<void> {
    this.#send({ type: "close" });
    await this.#exited;
  }

  #send(message: ToViewerWorker): void {
    this.#worker.postMessage(message);
  }
}

function wallNow(): number {
  return performance.timeOrigin + performance.now();
}
