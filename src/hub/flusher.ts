import type { Rendition } from "./rendition.ts";

/** What the flusher needs of the platform; a test gives its own. */
export interface FlusherClock {
  /** Monotonic ms with fraction. */
  now(): number;
  /** Runs `task` once what is going on now is done, after the input that waits already. */
  soon(task: () => void): void;
  /** Runs `task` after `delayMs`; returns how to call it off. */
  after(delayMs: number, task: () => void): () => void;
}

/** Phases that the viewers of a rendition are spread over. */
export const PHASES = 32;
/** The share of a core that writing may take; the rest is for reading, muxing and everything else. */
const WRITE_BUDGET = 0.5;
/** Above this share of a core, frames are no longer flushed one by one. */
const PER_FRAME_BUDGET = 0.35;
/** Below this many ms a tick costs more than it spreads. */
const MIN_TICK_MS = 4;
const REPLAN_MS = 500;
/** What a write costs until it was measured. */
const FIRST_COST_MS = 0.008;

/**
 * Decides when viewers are written to. While writing each frame to each viewer at once is cheap, that is what happens; beyond,
 * all viewers are written to once per interval, spread over phases, and the interval is as short as the load allows.
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
  #cancelTick: (() => void) | undefined;
  #cancelPlan: (() => void) | undefined;
  #costMs = FIRST_COST_MS;
  #framesSeen = new WeakMap<Rendition, number>();
  #lastPlanMs = 0;

  constructor(clock: FlusherClock, maxFlushMs: number) {
    this.#clock = clock;
    this.#maxFlushMs = maxFlushMs;
  }

  /** The interval in force in ms; 0 while every frame is flushed at once. */
  get intervalMs(): number {
    return this.#intervalMs;
  }

  /** True when the interval is as long as it may become. */
  get isStretched(): boolean {
    return this.#intervalMs >= this.#maxFlushMs;
  }

  /** Measured cost of one write in ms. */
  get costMs(): number {
    return this.#costMs;
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
    const startMs = this.#clock.now();
    let writes = 0;
    for (const rendition of this.#woken) if (rendition.pull()) writes += rendition.flushAll(startMs);
    this.#woken.clear();
    this.#learn(startMs, writes);
  };

  #tick(): void {
    const startMs = this.#clock.now();
    this.#duePhases += ((startMs - this.#lastTickMs) / this.#intervalMs) * PHASES;
    this.#lastTickMs = startMs;
    const phases = Math.min(PHASES, Math.floor(this.#duePhases));
    this.#duePhases -= Math.floor(this.#duePhases);
    let writes = 0;
    for (const rendition of this.#renditions) {
      rendition.pull();
      for (let i = 0; i < phases; i++) writes += rendition.flush((this.#nextPhase + i) % PHASES, startMs);
    }
    this.#nextPhase = (this.#nextPhase + phases) % PHASES;
    this.#learn(startMs, writes);
    this.#scheduleTick();
  }

  #scheduleTick(): void {
    const delayMs = Math.max(MIN_TICK_MS, this.#intervalMs / PHASES);
    const spentMs = this.#clock.now() - this.#lastTickMs;
    this.#cancelTick = this.#clock.after(Math.max(0, delayMs - spentMs), () => this.#tick());
  }

  #learn(startMs: number, writes: number): void {
    if (writes < 50) return;
    const cost = (this.#clock.now() - startMs) / writes;
    this.#costMs = this.#costMs * 0.95 + cost * 0.05;
  }

  #schedulePlan(): void {
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
    const nowMs = this.#clock.now();
    const seconds = Math.max(0.001, (nowMs - this.#lastPlanMs) / 1000);
    this.#lastPlanMs = nowMs;
    let viewers = 0;
    let perFrameWrites = 0;
    for (const rendition of this.#renditions) {
      const frames = rendition.counters.frames;
      const rate = (frames - (this.#framesSeen.get(rendition) ?? frames)) / seconds;
      this.#framesSeen.set(rendition, frames);
      viewers += rendition.viewers;
      perFrameWrites += rendition.viewers * rate;
    }
    const perFrameShare = (perFrameWrites * this.#costMs) / 1000;
    const isCheap = perFrameShare < (this.#intervalMs > 0 ? PER_FRAME_BUDGET * 0.8 : PER_FRAME_BUDGET);
    this.#setInterval(isCheap ? 0 : Math.min(this.#maxFlushMs, (viewers * this.#costMs) / WRITE_BUDGET));
  }

  #setInterval(intervalMs: number): void {
    const wasOff = this.#intervalMs === 0;
    this.#intervalMs = intervalMs;
    if (intervalMs === 0) {
      this.#cancelTick?.();
      this.#cancelTick = undefined;
      for (const rendition of this.#renditions) this.wake(rendition);
    } else if (wasOff) {
      this.#lastTickMs = this.#clock.now();
      this.#scheduleTick();
    }
  }
}
