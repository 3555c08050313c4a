/** What the player looks like at one tick. */
export interface EdgeSample {
  /** A monotonic clock in ms. */
  readonly nowMs: number;
  /** Received media ahead of the playhead, up to the live edge, in ms. */
  readonly aheadMs: number;
  /** True from the moment the playhead ran out of media until it moves again. */
  readonly isStalled: boolean;
}

/** What to do about it: play at `rate`, and jump to `seekBehindEdgeMs` before the live edge when that is not null. */
export interface EdgeAction {
  readonly rate: number;
  readonly seekBehindEdgeMs: number | null;
}

export interface EdgeOptions {
  /** Where the playhead wants to be: this much received media ahead of it. */
  readonly targetMs: number;
  /** The target after many stalls. */
  readonly maxTargetMs: number;
  /** Above the target by this much, catching up begins. */
  readonly toleranceMs: number;
  /** Farther behind than this, it jumps: catching up would take too long. */
  readonly seekAboveMs: number;
  readonly maxRate: number;
}

export const DEFAULT_EDGE: EdgeOptions = { targetMs: 400, maxTargetMs: 1600, toleranceMs: 200, seekAboveMs: 2500, maxRate: 1.1 };

const GENTLE_RATE = 1.05;
/** Behind the target by more than this, it catches up at `maxRate` instead of gently. */
const FAST_ABOVE_MS = 1000;
/** Nearly empty: play a little slower until there is something in hand again. */
const LOW_MS = 120;
const LOW_RATE = 0.95;
/** How much a stall raises the target, and how fast calm lowers it again. */
const STALL_STEP_MS = 150;
const CALM_MS = 30_000;
const CALM_STEP_MS = 50;
/** A stall this long is no jitter: the publisher was away, and the next seconds say nothing about the network. */
const AWAY_MS = 2000;
/** Between two jumps: a jump needs this long to show its effect. */
const SEEK_PAUSE_MS = 1500;
/** At the start a GOP lies in front of the playhead; nobody has seen anything yet, so it jumps much sooner. */
const START_SEEK_ABOVE_MS = 900;

/**
 * Holds a low-latency player at the live edge: a little faster while it is behind, a jump when it is far behind, a little slower when
 * the buffer is nearly empty. Every stall says that this network needs more in hand, so it raises the target; calm lowers it again.
 */
export class LiveEdge {
  readonly #options: EdgeOptions;
  #targetMs: number;
  #rate = 1;
  #hasStarted = false;
  #wasStalled = false;
  #stalledSinceMs = Number.NaN;
  #targetBeforeStallMs: number;
  #lastSeekMs = Number.NEGATIVE_INFINITY;
  #calmSinceMs = Number.NaN;

  constructor(options: Partial<EdgeOptions> = {}) {
    this.#options = { ...DEFAULT_EDGE, ...options };
    this.#targetMs = this.#targetBeforeStallMs = this.#options.targetMs;
  }

  /** The present target in ms. */
  get targetMs(): number {
    return this.#targetMs;
  }

  /** The next connection starts at the edge again; what was learnt about the network stays. */
  restart(): void {
    this.#hasStarted = false;
    this.#wasStalled = false;
    this.#rate = 1;
  }

  step(sample: EdgeSample): EdgeAction {
    this.#learn(sample);
    const behindMs = sample.aheadMs - this.#targetMs;
    if (this.#mustSeek(sample)) {
      this.#lastSeekMs = sample.nowMs;
      this.#hasStarted = true;
      this.#rate = 1;
      return { rate: 1, seekBehindEdgeMs: this.#targetMs };
    }
    if (sample.aheadMs > 0) this.#hasStarted = true;
    this.#rate = this.#nextRate(sample.aheadMs, behindMs);
    return { rate: this.#rate, seekBehindEdgeMs: null };
  }

  #mustSeek(sample: EdgeSample): boolean {
    if (sample.nowMs - this.#lastSeekMs < SEEK_PAUSE_MS) return false;
    const limitMs = this.#hasStarted ? this.#options.seekAboveMs : START_SEEK_ABOVE_MS;
    return sample.aheadMs > Math.max(limitMs, this.#targetMs + this.#options.toleranceMs);
  }

  #nextRate(aheadMs: number, behindMs: number): number {
    if (aheadMs < LOW_MS) return aheadMs > 0 ? LOW_RATE : 1;
    if (this.#rate < 1) return aheadMs < this.#targetMs / 2 ? LOW_RATE : 1;
    if (behindMs > FAST_ABOVE_MS) return this.#options.maxRate;
    if (behindMs > this.#options.toleranceMs) return Math.max(GENTLE_RATE, Math.min(this.#rate, this.#options.maxRate));
    return this.#rate > 1 && behindMs > 0 ? GENTLE_RATE : 1; // once begun, it catches up all the way
  }

  #learn({ nowMs, isStalled }: EdgeSample): void {
    if (isStalled && !this.#wasStalled && this.#hasStarted) {
      this.#stalledSinceMs = nowMs;
      this.#targetBeforeStallMs = this.#targetMs;
      this.#targetMs = Math.min(this.#targetMs + STALL_STEP_MS, this.#options.maxTargetMs);
    }
    if (isStalled && nowMs - this.#stalledSinceMs > AWAY_MS) this.#targetMs = Math.min(this.#targetMs, this.#targetBeforeStallMs);
    this.#wasStalled = isStalled;
    if (isStalled || Number.isNaN(this.#calmSinceMs)) this.#calmSinceMs = nowMs;
    if (nowMs - this.#calmSinceMs < CALM_MS) return;
    this.#calmSinceMs = nowMs;
    this.#targetMs = Math.max(this.#targetMs - CALM_STEP_MS, this.#options.targetMs);
  }
}
