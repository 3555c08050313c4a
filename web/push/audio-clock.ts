/** Farther than this from the wall clock, the sound is put back in its place: the device paused or ran at another rate. */
const MAX_DRIFT_US = 80_000;

/** Gives blocks of samples their time: by counting samples, for that is smooth, and by the wall clock, for that is what the picture has. */
export class AudioClock {
  readonly #sampleRate: number;
  #anchorUs = Number.NaN;
  #samples = 0;

  constructor(sampleRate: number) {
    this.#sampleRate = sampleRate;
  }

  /** The time of the first of `count` samples, the last of which was captured at `nowUs`. */
  stamp(count: number, nowUs: number): number {
    const blockUs = (count * 1e6) / this.#sampleRate;
    const counted = this.#anchorUs + (this.#samples * 1e6) / this.#sampleRate;
    const isLost = !(Math.abs(nowUs - blockUs - counted) <= MAX_DRIFT_US); // also at the first block
    if (isLost) {
      this.#anchorUs = Math.max(nowUs - blockUs, Number.isNaN(counted) ? Number.NEGATIVE_INFINITY : counted);
      this.#samples = 0;
    }
    const time = this.#anchorUs + (this.#samples * 1e6) / this.#sampleRate;
    this.#samples += count;
    return Math.round(time);
  }
}
