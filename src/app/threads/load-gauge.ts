import { performance } from "node:perf_hooks";
import type { Flusher } from "../../hub/flusher.ts";

/** Above this share of its time at work a thread takes no more viewers, … */
const FULL = 0.96;
/** … and below this one it does again. */
const ROOM = 0.9;
/** How many measurements in a row must agree before anything changes: a burst is not an overload. */
const AGREE = 3;

/** Knows when a media worker is at the limit of its core: then new viewers are refused, so that those who watch keep smooth playback. */
export class LoadGauge {
  readonly #flusher: Flusher;
  #last = performance.eventLoopUtilization();
  #streak = 0;
  #isFull = false;
  #utilization = 0;

  constructor(flusher: Flusher) {
    this.#flusher = flusher;
  }

  /** Share of the last second that the event loop was at work. */
  get utilization(): number {
    return this.#utilization;
  }

  get isFull(): boolean {
    return this.#isFull;
  }

  /** Measures. Called about once a second; true when the verdict changed. */
  update(): boolean {
    const now = performance.eventLoopUtilization();
    this.#utilization = performance.eventLoopUtilization(now, this.#last).utilization;
    this.#last = now;
    const isBusy = this.#utilization > (this.#isFull ? ROOM : FULL) && this.#flusher.isStretched;
    this.#streak = isBusy === this.#isFull ? 0 : this.#streak + 1;
    if (this.#streak < AGREE) return false;
    this.#streak = 0;
    this.#isFull = isBusy;
    return true;
  }
}
