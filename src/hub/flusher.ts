import type { Rendition } from "./rendition.ts";

/** What the flusher needs of the platform; a test gives its own. */
export interface FlusherClock {
  /** Monotonic ms with fraction. */
  now(): number;
  /** CPU time of this thread so far, in ms. */
  cpuMs(): number;
  /** Runs `task` once what is going on now is done, after the input that waits already. */
  soon(task: () => void): void;
  /** Runs `task` after `delayMs`; returns how to call it off. */
  after(delayMs: number, task: () => void): () => void;
}

/** Phases that the viewers of a rendition are spread over. */
export const PHASES = 32;
/** The share of a core that the thread may use before its viewers get their bytes less often. */
const CPU_BUDGET = 0.6;
/** Below this many ms a tick costs more than it spreads. */
const MIN_TICK_MS = 4;
/** An interval below this is no interval: every frame is flushed at once. */
const MIN_INTERVAL_MS = 8;
const REPLAN_MS = 250;
/** What is measured is smoothed over about so many plans. */
const SMOOTHING = 4;
/** The interval changes by at most these factors per plan. */
const MAX_STRETCH = 1.5;
const MAX_SHRINK = 0.8;

/**
 * Decides when viewers are written to. While the thread has time for it, every frame goes to every viewer at once; beyond,
 * each viewer is written to once per interval, spread over phases. The interval follows what the thread spends: a write costs
 * much the same whatever its size, so fewer of them is the one lever.
 */
export class Flusher {
  readonly #clock: FlusherClock;
  readonly #maxFlushMs: number;
  readonly #renditions = new Set<Rendition>();
  /** Those that may have new frames, while each frame is flushed at once. */
  readonly #woken = new Set<Rendition>();
  #isScheduled = false;
  #intervalMs = 0;
  #nextPhase = 0;
  #duePhases = 0;
  #lastTickMs = 0;
  #cycleStartMs = 0;
  #cycleMs = 0;
  #cancelTick: (() => void) | undefined;
  #cancelPlan: (() => void) | undefined;
  #lastPlanMs = 0;
  #lastCpuMs = 0;
  #cpuShare = 0;

  constructor(clock: FlusherClock, maxFlushMs: number) {
    this.#clock = clock;
    this.#maxFlushMs = maxFlushMs;
  }

  /** The interval in force in ms; 0 while every frame is flushed at once. */
  get intervalMs(): number {
    return this.#intervalMs;
  }

  /** Share of a core that the thread uses. */
  get cpuShare(): number {
    return this.#cpuShare;
  }

  /** True when even at the longest interval viewers get their bytes much later than that. */
  get isLate(): boolean {
    return this.#intervalMs >= this.#maxFlushMs && this.#cycleMs > 2 * this.#maxFlushMs;
  }

  add(rendition: Rendition): void {
    this.#renditions.add(rendition);
    if (!this.#cancelPlan) this.#schedulePlan();
  }

  remove(rendition: Rendition): void {
    this.#renditions.delete(rendition);
    this.#woken.delete(rendition);
  }

  /** There may be new frames for `rendition`. */
  wake(rendition: Rendition): void {
    if (this.#intervalMs > 0) return;
    this.#woken.add(rendition);
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#clock.soon(this.#flushWoken);
  }

  close(): void {
    this.#cancelTick?.();
    this.#cancelPlan?.();
    this.#cancelTick = this.#cancelPlan = undefined;
    this.#renditions.clear();
    this.#woken.clear();
  }

  readonly #flushWoken = (): void => {
    this.#isScheduled = false;
    const nowMs = this.#clock.now();
    for (const rendition of this.#woken) if (rendition.pull()) rendition.flushAll(nowMs);
    this.#woken.clear();
  };

  readonly #tick = (): void => {
    const nowMs = this.#clock.now();
    this.#duePhases = Math.min(PHASES, this.#duePhases + ((nowMs - this.#lastTickMs) / this.#intervalMs) * PHASES);
    this.#lastTickMs = nowMs;
    const phases = Math.floor(this.#duePhases);
    this.#duePhases -= phases;
    for (const rendition of this.#renditions) {
      rendition.pull();
      for (let i = 0; i < phases; i++) rendition.flush((this.#nextPhase + i) % PHASES, nowMs);
    }
    this.#advancePhase(phases, nowMs);
    this.#scheduleTick();
  };

  #advancePhase(phases: number, nowMs: number): void {
    const next = this.#nextPhase + phases;
    this.#nextPhase = next % PHASES;
    if (next < PHASES) return;
    this.#cycleMs = nowMs - this.#cycleStartMs;
    this.#cycleStartMs = nowMs;
  }

  #scheduleTick(): void {
    const delayMs = Math.max(MIN_TICK_MS, this.#intervalMs / PHASES);
    const spentMs = this.#clock.now() - this.#lastTickMs;
    this.#cancelTick = this.#clock.after(Math.max(0, delayMs - spentMs), this.#tick);
  }

  #schedulePlan(): void {
    this.#lastPlanMs = this.#clock.now();
    this.#lastCpuMs = this.#clock.cpuMs();
    this.#cancelPlan = this.#clock.after(REPLAN_MS, () => {
      this.#cancelPlan = undefined;
      this.#plan();
      this.#checkBlocked();
      if (this.#renditions.size > 0) this.#schedulePlan();
    });
  }

  /** Viewers who take nothing are closed in time, also when their stream brings nothing. */
  #checkBlocked(): void {
    const nowMs = this.#clock.now();
    for (const rendition of this.#renditions) rendition.checkBlocked(nowMs);
  }

  #plan(): void {
    const share = (this.#clock.cpuMs() - this.#lastCpuMs) / Math.max(1, this.#clock.now() - this.#lastPlanMs);
    this.#cpuShare += (share - this.#cpuShare) / SMOOTHING;
    const load = this.#cpuShare / CPU_BUDGET;
    const stretch = Math.min(MAX_STRETCH, Math.max(MAX_SHRINK, 1 + (load - 1) / 2));
    if (this.#intervalMs === 0) this.#setInterval(load > 1 ? MIN_INTERVAL_MS * 2 : 0);
    else this.#setInterval(this.#intervalMs * stretch);
  }

  #setInterval(wantedMs: number): void {
    const intervalMs = wantedMs < MIN_INTERVAL_MS ? 0 : Math.min(this.#maxFlushMs, wantedMs);
    const wasOff = this.#intervalMs === 0;
    this.#intervalMs = intervalMs;
    if (intervalMs === 0) {
      this.#cancelTick?.();
      this.#cancelTick = undefined;
      if (!wasOff) for (const rendition of this.#renditions) this.wake(rendition);
    } else if (wasOff) {
      this.#lastTickMs = this.#cycleStartMs = this.#clock.now();
      this.#scheduleTick();
    }
  }
}
