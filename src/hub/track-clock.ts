import { rescale } from "../media/timescale.ts";

/** How far a timestamp may lie from where it is expected before it is called a jump. */
export const MAX_STEP_BACK_MS = 300;
export const MAX_STEP_FORWARD_MS = 3000;
/** So many equal timestamps in a row mean that the publisher sends none: then arrival times are used. */
const STUCK_FRAMES = 4;
/** The distance of the next frame where nothing better is known. */
const DEFAULT_FRAME_MS = 23;
const MAX_FRAME_MS = 500;

/** Where one track of one publisher stands, in input and in output time. Times in ticks of the track unless named otherwise. */
export class TrackClock {
  readonly timescale: number;
  /** Output minus input time. Both tracks of a publisher get the same, rounded to their own ticks. */
  offsetMs = 0;
  lastIn = 0;
  lastOut = -1;
  lastArrivalMs = 0;
  hasInput = false;
  #frameMs = 0;
  #stuck = 0;

  constructor(timescale: number) {
    this.timescale = timescale;
  }

  get lastOutMs(): number {
    return (this.lastOut * 1000) / this.timescale;
  }

  /** Typical distance of two frames of this track. */
  get frameMs(): number {
    return this.#frameMs || DEFAULT_FRAME_MS;
  }

  toOutput(dts: number, offsetMs: number): number {
    return dts + rescale(offsetMs, 1000, this.timescale);
  }

  /** True when the publisher's timestamps do not move at all. */
  isStuck(dts: number): boolean {
    if (!this.hasInput || dts !== this.lastIn) {
      this.#stuck = 0;
      return false;
    }
    return ++this.#stuck >= STUCK_FRAMES;
  }

  advance(dts: number, out: number, arrivalMs: number): void {
    if (this.lastOut >= 0 && out > this.lastOut) this.#learn(((out - this.lastOut) * 1000) / this.timescale);
    this.lastIn = dts;
    this.lastOut = out;
    this.lastArrivalMs = arrivalMs;
    this.hasInput = true;
  }

  /** A new publisher: output time goes on, input time begins anew. */
  forgetInput(): void {
    this.hasInput = false;
    this.#stuck = 0;
  }

  #learn(distanceMs: number): void {
    if (distanceMs > MAX_FRAME_MS) return;
    this.#frameMs = this.#frameMs === 0 ? distanceMs : this.#frameMs * 0.9 + distanceMs * 0.1;
  }
}
