import type { PlayProgress } from "./play-file.ts";

export interface PushProgress {
  /** Bytes handed to the network, all connections together. */
  readonly bytes: number;
  /** Media time that was sent. */
  readonly timeMs: number;
  readonly frames: number;
  /** Since the last look. */
  readonly fps: number;
  readonly bitrateBps: number;
  /** The latest frame since the last look. */
  readonly latenessMs: number;
}

/** A look sooner than this says nothing new. */
const MIN_WINDOW_MS = 50;

/** Counts what is sent; rates are those since the last look. */
export class PushMeter {
  readonly #now: () => number;
  #timeMs = 0;
  #frames = 0;
  #videoFrames = 0;
  #latenessMs = 0;
  #last: { atMs: number; bytes: number; videoFrames: number };
  #rates = { fps: 0, bitrateBps: 0 };

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
    this.#last = { atMs: now(), bytes: 0, videoFrames: 0 };
  }

  count({ timeMs, latenessMs, isVideo }: PlayProgress): void {
    this.#timeMs = Math.max(this.#timeMs, timeMs);
    this.#latenessMs = Math.max(this.#latenessMs, latenessMs);
    this.#frames++;
    if (isVideo) this.#videoFrames++;
  }

  read(bytes: number): PushProgress {
    const atMs = this.#now();
    const windowMs = atMs - this.#last.atMs;
    if (windowMs >= MIN_WINDOW_MS) {
      const perSecond = (amount: number) => (amount * 1000) / windowMs;
      this.#rates = {
        fps: perSecond(this.#videoFrames - this.#last.videoFrames),
        bitrateBps: perSecond((bytes - this.#last.bytes) * 8),
      };
      this.#last = { atMs, bytes, videoFrames: this.#videoFrames };
    }
    const latenessMs = this.#latenessMs;
    this.#latenessMs = 0;
    return { bytes, timeMs: this.#timeMs, frames: this.#frames, latenessMs, ...this.#rates };
  }
}
