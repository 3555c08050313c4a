import type { Frame } from "../media/frame.ts";
import { rescale } from "../media/timescale.ts";
import type { Track } from "../media/track.ts";
import { MAX_STEP_BACK_MS, MAX_STEP_FORWARD_MS, TrackClock } from "./track-clock.ts";

/** Output time of the very first frame: room for a second track that begins a little earlier. */
export const FIRST_OUTPUT_MS = 1000;
/** Tracks with a clock of their own in one stream. */
export const MAX_TRACKS = 64;

/** What was repaired, for operators; never fatal. */
export interface TimelineCounters {
  /** Timestamps that stood still or stepped back a little and were moved behind the frame before. */
  nonMonotonic: number;
  /** Jumps of the publisher's clock, forward or back. */
  jumps: number;
  /** Frames without a usable timestamp, timed by their arrival. */
  missing: number;
  /** Presentation times before their decoding times. */
  ptsBeforeDts: number;
}

/**
 * Turns the times of publishers that reconnect, jump, repeat and wrap into one monotonic output time. All tracks of a publisher
 * are moved by the same offset, so audio and video keep their distance; DTS grows strictly on every track.
 */
export class Timeline {
  readonly counters: TimelineCounters = { nonMonotonic: 0, jumps: 0, missing: 0, ptsBeforeDts: 0 };
  readonly #clocks = new Map<number, TrackClock>();
  /** The offset of the newest anchor; undefined when the next frame makes one. */
  #offsetMs: number | undefined;
  #lastOutMs = -1;
  /** The result of `place`, reused. */
  readonly out = { dts: 0, pts: 0, timeMs: 0 };

  /** The latest output time of any track in ms; −1 before the first frame. */
  get lastOutMs(): number {
    return this.#lastOutMs;
  }

  get offsetMs(): number | undefined {
    return this.#offsetMs;
  }

  /** Continues a timeline that another thread began: `lastOutMs` is the newest output time in its log. */
  resume(lastOutMs: number, offsetMs: number | undefined): void {
    this.#lastOutMs = lastOutMs;
    this.#offsetMs = offsetMs;
  }

  /** Tells where a track of the continued timeline stands. */
  resumeTrack(track: Track, lastOut: number): void {
    const clock = this.#clock(track);
    clock.lastOut = lastOut;
    clock.offsetMs = this.#offsetMs ?? 0;
    clock.lastIn = lastOut - rescale(clock.offsetMs, 1000, clock.timescale);
    clock.hasInput = this.#offsetMs !== undefined;
  }

  /** A publisher begins: its first frame continues right after the last one of the stream. */
  beginInput(): void {
    this.#offsetMs = undefined;
    for (const clock of this.#clocks.values()) clock.forgetInput();
  }

  /** Puts the frame's output times into `out`. */
  place(frame: Frame): void {
    const clock = this.#clock(frame.track);
    const dts = this.#placeDts(clock, frame);
    const shift = frame.pts - frame.dts;
    if (shift < 0) this.counters.ptsBeforeDts++;
    clock.advance(frame.dts, dts, frame.arrivalMs);
    this.out.dts = dts;
    this.out.pts = dts + Math.max(0, shift);
    this.out.timeMs = (dts * 1000) / clock.timescale;
    if (this.out.timeMs > this.#lastOutMs) this.#lastOutMs = this.out.timeMs;
  }

  #placeDts(clock: TrackClock, frame: Frame): number {
    if (this.#offsetMs === undefined) this.#anchor(clock, frame, this.#continuation(clock));
    if (!clock.hasInput) clock.offsetMs = this.#offsetMs ?? 0;
    if (clock.isStuck(frame.dts)) return this.#byArrival(clock, frame);
    this.#reconsider(clock, frame.dts);
    if (this.#isJump(clock, frame, clock.offsetMs)) this.#jump(clock, frame);
    const dts = clock.toOutput(frame.dts, clock.offsetMs);
    if (dts > clock.lastOut) return dts;
    this.counters.nonMonotonic++;
    return clock.lastOut + 1;
  }

  /** Where the first frame of a publisher goes: behind everything that was sent. */
  #continuation(clock: TrackClock): number {
    return this.#lastOutMs < 0 ? FIRST_OUTPUT_MS : this.#lastOutMs + clock.frameMs;
  }

  #anchor(clock: TrackClock, frame: Frame, atMs: number): void {
    this.#offsetMs = Math.round(atMs - (frame.dts * 1000) / clock.timescale);
    clock.offsetMs = this.#offsetMs;
  }

  /** A jump may have been one wrong timestamp: when the next frames go on from before it, so does the track. */
  #reconsider(clock: TrackClock, dts: number): void {
    const offsetMs = clock.betterOffset(dts);
    if (offsetMs === undefined) return;
    if (this.#offsetMs === clock.offsetMs) this.#offsetMs = offsetMs;
    clock.offsetMs = offsetMs;
  }

  /** The publisher's clock jumped. The track that jumps second takes the offset that the first one made, if it fits. */
  #jump(clock: TrackClock, frame: Frame): void {
    this.counters.jumps++;
    const shared = this.#offsetMs ?? 0;
    if (shared !== clock.offsetMs && !this.#isJump(clock, frame, shared)) {
      clock.offsetMs = shared;
      return;
    }
    clock.rememberOffset();
    const elapsedMs = clock.hasInput
      ? Math.min(Math.max(frame.arrivalMs - clock.lastArrivalMs, clock.frameMs), MAX_STEP_FORWARD_MS)
      : 0;
    this.#anchor(clock, frame, this.#placeOf(clock) + elapsedMs);
  }

  /** True when the frame lies too far from where its track stands, given that the track, or the publisher, may have paused. */
  #isJump(clock: TrackClock, frame: Frame, offsetMs: number): boolean {
    if (this.#lastOutMs < 0) return false;
    const errorMs = (clock.toOutput(frame.dts, offsetMs) * 1000) / clock.timescale - this.#placeOf(clock);
    if (errorMs < 0) return errorMs < (clock.lastOut < 0 ? -MAX_STEP_FORWARD_MS : -MAX_STEP_BACK_MS);
    const pausedMs = clock.hasInput ? Math.max(0, frame.arrivalMs - clock.lastArrivalMs) : 0;
    return errorMs > clock.maxStepForwardMs + Math.max(this.#silenceMs(clock), pausedMs);
  }

  /** Where a track stands: at its last frame, or with the stream before its first one. */
  #placeOf(clock: TrackClock): number {
    return clock.lastOut < 0 ? this.#lastOutMs : clock.lastOutMs;
  }

  /** How far the stream went on without this track: a track that paused may come back that much later. */
  #silenceMs(clock: TrackClock): number {
    return this.#lastOutMs - this.#placeOf(clock);
  }

  #byArrival(clock: TrackClock, frame: Frame): number {
    this.counters.missing++;
    const elapsedMs = Math.max(0, frame.arrivalMs - clock.lastArrivalMs);
    return clock.lastOut + Math.max(1, rescale(elapsedMs, 1000, clock.timescale));
  }

  #clock(track: Track): TrackClock {
    const known = this.#clocks.get(track.id);
    if (known && known.timescale === track.timescale) return known;
    const clock = new TrackClock(track.timescale);
    if (known) clock.lastOut = rescale(known.lastOut, known.timescale, track.timescale);
    if (this.#clocks.size >= MAX_TRACKS && !known) this.#clocks.delete(this.#clocks.keys().next().value ?? track.id);
    this.#clocks.set(track.id, clock);
    return clock;
  }
}
