import type { Flusher } from "../../hub/flusher.ts";

/** How many measurements in a row must agree before anything changes: a burst of joins is not an overload. */
const AGREE = 3;

/** Knows when a media worker cannot keep up with the viewers it has: then new ones are refused, so that those who watch keep smooth playback. */
export class LoadGauge {
  readonly #flusher: Flusher;
  #streak = 0;
  #isFull = false;

  constructor(flusher: Flusher) {
    this.#flusher = flusher;
  }

  get isFull(): boolean {
    return this.#isFull;
  }

  /** Looks again. Called about once a second; true when the verdict changed. */
  update(): boolean {
    this.#streak = this.#flusher.isLate === this.#isFull ? 0 : this.#streak + 1;
    if (this.#streak < AGREE) return false;
    this.#streak = 0;
    this.#isFull = !this.#isFull;
    return true;
  }
}
