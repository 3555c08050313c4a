import type { Histogram } from "./histogram.ts";
import type { LoadClock } from "./load-clock.ts";
import { findMarker } from "./marker.ts";

export type MediaKind = "video" | "audio";

/** What a sampled viewer got, as a player would see it. */
export class MediaTally {
  video = 0;
  audio = 0;
  /** Gaps in the numbers of the markers. */
  lostFrames = 0;
  /** Timestamps or marker numbers that ran backwards. */
  backwards = 0;
  framingErrors = 0;
  /** What the first framing error was. */
  firstError = "";
  isFirstVideoKey: boolean | undefined;
  /** When the first key frame was complete; 0 before. */
  firstKeyMs = 0;
  /** Longest time between two video frames in the window. */
  longestGapMs = 0;
  readonly #clock: LoadClock;
  /** From the marker to the whole frame, in µs; of all viewers of a thread. */
  readonly #latencyUs: Histogram;
  readonly #lastTimestamps = { video: -1, audio: -1 };
  #lastVideoMs = 0;
  #lastSequence = -1;

  constructor(clock: LoadClock, latencyUs: Histogram) {
    this.#clock = clock;
    this.#latencyUs = latencyUs;
  }

  /**
   * A frame is complete since `atMs`. `timestamp` in any unit, only its order counts; `start` is the frame's beginning, where the
   * marker is.
   */
  frame(kind: MediaKind, timestamp: number, isKey: boolean, start: Uint8Array, atMs = this.#clock.nowMs): void {
    if (timestamp < this.#lastTimestamps[kind]) this.backwards++;
    this.#lastTimestamps[kind] = timestamp;
    if (kind === "audio") {
      this.audio++;
      return;
    }
    this.video++;
    this.isFirstVideoKey ??= isKey;
    if (isKey && this.firstKeyMs === 0) this.firstKeyMs = atMs;
    if (this.#clock.inWindow && this.#lastVideoMs > 0) this.longestGapMs = Math.max(this.longestGapMs, atMs - this.#lastVideoMs);
    this.#lastVideoMs = atMs;
    this.#readMarker(start, atMs);
  }

  /** The bytes are not what their format wants. */
  framingError(what: string): void {
    this.framingErrors++;
    this.firstError ||= what;
  }

  #readMarker(start: Uint8Array, atMs: number): void {
    const marker = findMarker(start);
    if (!marker) return;
    if (this.#lastSequence >= 0) {
      const missing = marker.sequence - this.#lastSequence - 1;
      if (missing > 0) this.lostFrames += missing;
      else if (missing < 0) this.backwards++;
    }
    this.#lastSequence = marker.sequence;
    if (this.#clock.inWindow) this.#latencyUs.record(atMs * 1000 - marker.sentUs);
  }
}
