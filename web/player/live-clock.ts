/** For how long an early arrival is believed; encoder clocks drift. */
const WINDOW_MS = 15_000;
/** Silence of this length means that the publisher paused: its clock may stand elsewhere afterwards. */
const SILENCE_MS = 1000;

/**
 * Estimates how far the picture is behind the newest media the server can have given us. Media that arrives early shows where "live" is on
 * this machine's clock; the earliest arrival of the last seconds counts. The delay of encoder and network is in no byte of
 * the stream, so it is not in the estimate.
 */
export class LiveClock {
  /** Wall minus media time of the earliest arrival, for the present and the previous half of the window. */
  #offsetMs = Number.POSITIVE_INFINITY;
  #previousMs = Number.POSITIVE_INFINITY;
  #halfBeganMs = Number.NaN;
  #edgeMs = Number.NaN;
  #arrivedMs = Number.NaN;

  /** `edgeMs`: media time of the newest frame that is here. Called at every tick. */
  observe(nowMs: number, edgeMs: number): void {
    if (edgeMs === this.#edgeMs) return;
    if (edgeMs < this.#edgeMs || nowMs - this.#arrivedMs > SILENCE_MS) this.reset();
    this.#edgeMs = edgeMs;
    this.#arrivedMs = nowMs;
    if (!(nowMs - this.#halfBeganMs < WINDOW_MS / 2)) {
      this.#previousMs = this.#offsetMs;
      this.#offsetMs = Number.POSITIVE_INFINITY;
      this.#halfBeganMs = nowMs;
    }
    this.#offsetMs = Math.min(this.#offsetMs, nowMs - edgeMs);
  }

  /** How far `playheadMs` is behind live; null before anything arrived. */
  behindMs(nowMs: number, playheadMs: number): number | null {
    const offsetMs = Math.min(this.#offsetMs, this.#previousMs);
    return Number.isFinite(offsetMs) ? Math.max(0, nowMs - offsetMs - playheadMs) : null;
  }

  reset(): void {
    this.#offsetMs = this.#previousMs = Number.POSITIVE_INFINITY;
    this.#halfBeganMs = this.#edgeMs = this.#arrivedMs = Number.NaN;
  }
}
