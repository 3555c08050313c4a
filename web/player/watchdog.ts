/** What the watchdog sees at one tick. Times of media in seconds, as media elements give them. */
export interface WatchSample {
  readonly nowMs: number;
  readonly currentTime: number;
  /** Received media from the playhead on without a gap, in ms. */
  readonly aheadMs: number;
  /** Where media goes on after a gap; null when there is none. */
  readonly nextRangeStart: number | null;
}

/**
 * `ok`: the playhead moves. `starved`: nothing to play; the server keeps viewers while a publisher is away, so it waits.
 * `seek`: jump there, the playhead hangs before a gap or for no reason. `give-up`: only a new connection helps.
 */
export type Verdict =
  | { readonly kind: "ok" }
  | { readonly kind: "starved" }
  | { readonly kind: "seek"; readonly to: number }
  | { readonly kind: "give-up"; readonly reason: string };

export interface WatchOptions {
  /** Longer than the server keeps viewers of a stream without a publisher. */
  readonly starvedMs: number;
  readonly stuckMs: number;
}

const DEFAULTS: WatchOptions = { starvedMs: 20_000, stuckMs: 1500 };
const GAP_MS = 300;
/** Less than this ahead counts as nothing: a decoder keeps back a frame or two. */
const EMPTY_MS = 60;
const NUDGE_S = 0.1;
const MAX_NUDGES = 3;
/** Just inside the next range; at its very start a decoder may see the gap still. */
const INSIDE_S = 0.01;

/** Watches that the playhead moves, and says what to do when it does not. */
export class Watchdog {
  readonly #options: WatchOptions;
  #lastTime = Number.NaN;
  #movedMs = Number.NaN;
  #nudgedMs = Number.NEGATIVE_INFINITY;
  #nudges = 0;

  constructor(options: Partial<WatchOptions> = {}) {
    this.#options = { ...DEFAULTS, ...options };
  }

  step(sample: WatchSample): Verdict {
    const { nowMs, currentTime, aheadMs, nextRangeStart } = sample;
    if (currentTime !== this.#lastTime) {
      const isFirst = Number.isNaN(this.#lastTime);
      this.#lastTime = currentTime;
      this.#movedMs = nowMs;
      if (!isFirst && nowMs - this.#nudgedMs > this.#options.stuckMs) this.#nudges = 0;
      return { kind: "ok" };
    }
    const stillMs = nowMs - this.#movedMs;
    if (aheadMs < EMPTY_MS && nextRangeStart !== null) {
      return stillMs >= GAP_MS ? this.#seek(nowMs, nextRangeStart + INSIDE_S) : { kind: "ok" };
    }
    if (aheadMs < EMPTY_MS) return this.#starved(stillMs);
    if (stillMs < this.#options.stuckMs) return { kind: "ok" };
    if (this.#nudges >= MAX_NUDGES) return { kind: "give-up", reason: "the picture hangs" };
    return this.#seek(nowMs, currentTime + Math.min(NUDGE_S, aheadMs / 2000));
  }

  #starved(stillMs: number): Verdict {
    if (stillMs >= this.#options.starvedMs) return { kind: "give-up", reason: "no media for a long time" };
    return stillMs >= GAP_MS ? { kind: "starved" } : { kind: "ok" };
  }

  #seek(nowMs: number, to: number): Verdict {
    this.#nudges++;
    this.#nudgedMs = this.#movedMs = nowMs;
    this.#lastTime = to;
    return { kind: "seek", to };
  }
}
