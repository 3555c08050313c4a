import { rescale } from "../media/timescale.ts";

/** How far a timestamp may lie from where it is expected before it is called a jump. */
export const MAX_STEP_BACK_MS = 300;
export const MAX_STEP_FORWARD_MS = 3000;
/** The same once the track's pace is known: at least this, and some frames of it. */
const MAX_KNOWN_STEP_FORWARD_MS = 1500;
const MAX_KNOWN_STEP_FRAMES = 3;
/** After a jump the offset before it is remembered for so many frames: a single wrong timestamp must not move the track for good. */
const RECONSIDER_FRAMES = 8;
/** So many equal timestamps in a row mean that the publisher sends none: then arrival times are used. */
const STUCK_FRAMES = 4;
/** The distance of the next frame where nothing better is known. */
const DEFAULT_FRAME_MS = 23;
const MAX_FRAME_MS = 5000;

/** Where one track of one publisher stands, in input and in output time. Times in ticks of the track unless named otherwise. */
export class TrackClock {
  readonly timescale: number;
  /** Output minus input time. Both tracks of a publisher get the same, rounded to their own ticks. */
  offsetMs = 0;
  lastIn = 0;
  lastOut = -1;
  lastArrivalMs = 0;
  hasInput = false;
  #priorOffsetMs: number | undefined;
  #priorFrames = 0;
  #frameMs = 0;
  #stuck = 0;

  constructor(timescale: number) {
    this.timescale = timescale;
  }

  get lastOutMs(): number {
    return (this.lastOut * 1000) / this.timescale;
  }

  /** How far forward a timestamp may step while it arrives without a pause. */
  get maxStepForwardMs(): number {
    if (this.#frameMs === 0) return MAX_STEP_FORWARD_MS;
    return Math.max(MAX_KNOWN_STEP_FORWARD_MS, MAX_KNOWN_STEP_FRAMES * this.#frameMs);
  }

  /** Before a jump: the offset that held so far may turn out to be the right one. */
  rememberOffset(): void {
    this.#priorOffsetMs = this.offsetMs;
    this.#priorFrames = RECONSIDER_FRAMES;
  }

  /** The offset before the last jump, if the next frame, with `dts`, goes on there much better than at the present one. */
  betterOffset(dts: number): number | undefined {
    const prior = this.#priorOffsetMs;
    if (prior === undefined) return undefined;
    const missed = (offsetMs: number) =>
      Math.abs(((this.toOutput(dts, offsetMs) - this.lastOut) * 1000) / this.timescale - this.frameMs);
    const isBetter = missed(prior) + MAX_STEP_BACK_MS / 2 < missed(this.offsetMs);
    if (isBetter || --this.#priorFrames === 0) this.#priorOffsetMs = undefined;
    return isBetter ? prior : undefined;
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
    this.#priorOffsetMs = undefined;
  }

  #learn(distanceMs: number): void {
    if (distanceMs > MAX_FRAME_MS) return;
    this.#frameMs = this.#frameMs === 0 ? distanceMs : this.#frameMs * 0.9 + distanceMs * 0.1;
  }
}
