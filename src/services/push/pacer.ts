import { setTimeout as delay } from "node:timers/promises";

/** Less than this is not worth a timer; the frame goes out a little early. */
const MIN_WAIT_MS = 1;

/** Holds media back until its time has come. The clock starts with the first call. */
export class Pacer {
  readonly #speed: number;
  readonly #signal: AbortSignal;
  readonly #now: () => number;
  #zeroMs: number | undefined;

  /** `speed` 0 never waits. `now` gives ms from a clock that does not jump. */
  constructor(speed: number, signal: AbortSignal, now: () => number = () => performance.now()) {
    this.#speed = speed;
    this.#signal = signal;
    this.#now = now;
  }

  /** Waits until `mediaMs` is due, or the signal aborts; gives how many ms late it is. */
  async until(mediaMs: number): Promise<number> {
    if (this.#speed === 0) return 0;
    this.#zeroMs ??= this.#now() - mediaMs / this.#speed;
    const dueMs = this.#zeroMs + mediaMs / this.#speed;
    const waitMs = dueMs - this.#now();
    if (waitMs >= MIN_WAIT_MS) await delay(waitMs, undefined, { signal: this.#signal }).catch(() => {}); // aborted: the caller looks
    return Math.max(0, this.#now() - dueMs);
  }

  /** Time stood still for `ms`, as while a connection is made again. */
  pause(ms: number): void {
    if (this.#zeroMs !== undefined) this.#zeroMs += ms;
  }
}
