const FIRST_MS = 400;
const LAST_MS = 6000;
/** A connection that held this long was a good one: the next wait is short again. */
const GOOD_AFTER_MS = 8000;

/** How long to wait before the next connection: twice as long each time, a little different for every viewer. */
export class Backoff {
  readonly #random: () => number;
  #nextMs = FIRST_MS;

  constructor(random: () => number = Math.random) {
    this.#random = random;
  }

  /** The wait after a connection that held for `heldMs`, between half of and the whole step. */
  next(heldMs: number): number {
    if (heldMs >= GOOD_AFTER_MS) this.#nextMs = FIRST_MS;
    const step = this.#nextMs;
    this.#nextMs = Math.min(step * 2, LAST_MS);
    return Math.round(step * (0.5 + this.#random() / 2));
  }
}
