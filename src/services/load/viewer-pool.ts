import { Drain } from "./drain.ts";
import { Histogram } from "./histogram.ts";
import type { LoadClock } from "./load-clock.ts";
import type { LoadTarget } from "./load-target.ts";
import { MediaTally } from "./media-tally.ts";
import { type SampledData, summarizeSampled } from "./sampled-results.ts";
import { Viewer } from "./viewer.ts";
import type { ViewerPlan } from "./viewer-plan.ts";
import { summarizeViewers, type ViewerResults } from "./viewer-results.ts";

const READ_BUFFER_BYTES = 262_144;
/** Connects begun in one turn; more would hold up those that are under way. */
const MAX_CONNECTS_PER_TICK = 50;

export interface PoolOptions {
  readonly targets: readonly LoadTarget[];
  /** Address of each target's host. */
  readonly addresses: readonly string[];
  readonly plan: ViewerPlan;
  readonly isSampled: boolean;
  /** Wall clock ms. */
  readonly windowStartMs: number;
  readonly windowEndMs: number;
  readonly stallMs: number;
  readonly expectedBps: number;
}

export interface PoolProgress {
  readonly started: number;
  readonly watching: number;
  readonly failed: number;
  readonly bytes: number;
}

export interface PoolResults {
  readonly base: ViewerResults;
  readonly pulse: ViewerResults;
  /** Of a pool whose viewers are sampled. */
  readonly sampled: SampledData | undefined;
}

/** The viewers of one thread. `tick` is called often, every few ms, and does what is due. */
export class ViewerPool {
  readonly #options: PoolOptions;
  readonly #clock: LoadClock = { nowMs: 0, inWindow: false };
  readonly #viewers: Viewer[] = [];
  readonly #drain = new Drain(this.#clock);
  readonly #buffer = new Uint8Array(READ_BUFFER_BYTES);
  readonly #latencyUs = new Histogram();
  readonly #arrivalUs = new Histogram();

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  tick(): void {
    const clock = this.#clock;
    clock.nowMs = performance.timeOrigin + performance.now();
    clock.inWindow = clock.nowMs >= this.#options.windowStartMs && clock.nowMs < this.#options.windowEndMs;
    this.#connectDue();
    this.#drain.tick();
  }

  progress(): PoolProgress {
    const progress = { started: this.#viewers.length, watching: 0, failed: 0, bytes: 0 };
    for (const viewer of this.#viewers) {
      progress.bytes += viewer.bytes;
      if (viewer.failure) progress.failed++;
      else if (viewer.isWatching) progress.watching++;
    }
    return progress;
  }

  /** Ends the window and says what came of it; the viewers stay connected. */
  finish(): PoolResults {
    const { plan, windowStartMs, windowEndMs, expectedBps, isSampled } = this.#options;
    for (const viewer of this.#viewers) viewer.endWindow(windowEndMs);
    const options = { windowMs: windowEndMs - windowStartMs, expectedBps };
    const base = this.#viewers.filter((_, index) => plan.isPulse[index] === 0);
    const pulse = this.#viewers.filter((_, index) => plan.isPulse[index] === 1);
    return {
      base: summarizeViewers(base, options),
      pulse: summarizeViewers(pulse, options),
      sampled: isSampled ? this.#sampled() : undefined,
    };
  }

  #sampled(): SampledData {
    const viewers = summarizeSampled(this.#viewers);
    return { viewers, latencyUs: this.#latencyUs.data(), arrivalUs: this.#arrivalUs.data() };
  }

  close(): void {
    for (const viewer of this.#viewers) viewer.leave();
  }

  #connectDue(): void {
    const { plan } = this.#options;
    const first = this.#viewers.length;
    const last = Math.min(plan.startMs.length, first + MAX_CONNECTS_PER_TICK);
    for (let index = first; index < last && plan.startMs[index]! <= this.#clock.nowMs; index++) this.#connect(index);
  }

  #connect(index: number): void {
    const { plan, targets, addresses, isSampled, windowStartMs, stallMs } = this.#options;
    const targetIndex = plan.target[index]!;
    const source = plan.source[index]!;
    const viewer = new Viewer({
      target: targets[targetIndex]!,
      address: addresses[targetIndex]!,
      localAddress: source === 0 ? undefined : `127.0.0.${source}`,
      clock: this.#clock,
      buffer: this.#buffer,
      tally: new MediaTally(this.#clock, this.#latencyUs),
      isSampled,
      windowStartMs,
      stallMs,
      onArrival: (intervalMs) => this.#arrivalUs.record(intervalMs * 1000),
      onSettled: (settled) => this.#drain.add(settled),
    });
    this.#viewers.push(viewer);
  }
}
