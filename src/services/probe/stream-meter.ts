import { describeCodec } from "../../codecs/codec.ts";
import type { Frame, MediaSink } from "../../media/frame.ts";
import type { Codec, Track, TrackKind } from "../../media/track.ts";

export interface TrackReport {
  readonly id: number;
  readonly kind: TrackKind;
  readonly codec: Codec;
  /** RFC 6381; empty when the codec has none. */
  readonly codecString: string;
  readonly width: number;
  readonly height: number;
  readonly sampleRate: number;
  readonly channels: number;
  readonly frames: number;
  /** Frames a second of media time. */
  readonly fps: number;
  readonly bitrateBps: number;
  readonly hasBFrames: boolean;
}

interface TrackCount {
  track: Track;
  frames: number;
  bytes: number;
  firstMs: number;
  lastMs: number;
  hasBFrames: boolean;
}

/** Counts what a stream brings. */
export class StreamMeter implements MediaSink {
  readonly #counts = new Map<number, TrackCount>();
  #frames = 0;
  #keys = 0;
  #firstKeyMs = 0;
  #lastKeyMs = 0;
  #videoMs: number | undefined;
  #audioMs: number | undefined;
  #skews = { count: 0, sum: 0, max: 0 };

  /** Of audio and video. */
  get frames(): number {
    return this.#frames;
  }

  track(track: Track): void {
    const count = this.#counts.get(track.id);
    if (count) count.track = track;
    else this.#counts.set(track.id, { track, frames: 0, bytes: 0, firstMs: 0, lastMs: 0, hasBFrames: false });
  }

  trackEnd(): void {}

  metadata(): void {}

  frame(frame: Frame): void {
    const { track, payload } = frame;
    const count = this.#counts.get(track.id);
    if (!count) return;
    const timeMs = (frame.dts * 1000) / track.timescale;
    if (count.frames === 0) count.firstMs = timeMs;
    count.lastMs = Math.max(count.lastMs, timeMs);
    count.frames++;
    count.bytes += payload.length;
    count.hasBFrames ||= track.kind === "video" && frame.pts !== frame.dts;
    if (track.kind === "data") return;
    this.#frames++;
    if (track.kind === "video") this.#countVideo(frame, timeMs);
    else this.#countAudio(timeMs);
  }

  report(): {
    seenMs: number;
    bitrateBps: number;
    gopMs: number;
    interleaveMs: { mean: number; max: number };
    tracks: TrackReport[];
  } {
    const counts = [...this.#counts.values()];
    const seen = counts.filter(({ frames }) => frames > 0);
    const seenMs = Math.max(0, ...seen.map(({ lastMs }) => lastMs)) - Math.min(...seen.map(({ firstMs }) => firstMs));
    const tracks = counts.map(reportTrack);
    const { count, sum, max } = this.#skews;
    return {
      seenMs: Math.max(0, Math.round(seenMs)),
      bitrateBps: tracks.reduce((total, { bitrateBps }) => total + bitrateBps, 0),
      gopMs: this.#keys < 2 ? 0 : Math.round((this.#lastKeyMs - this.#firstKeyMs) / (this.#keys - 1)),
      interleaveMs: { mean: count === 0 ? 0 : Math.round(sum / count), max: Math.round(max) },
      tracks,
    };
  }

  #countVideo(frame: Frame, timeMs: number): void {
    if (frame.isKey) {
      if (this.#keys++ === 0) this.#firstKeyMs = timeMs;
      this.#lastKeyMs = timeMs;
    }
    this.#videoMs = timeMs;
    this.#compare();
  }

  #countAudio(timeMs: number): void {
    this.#audioMs = timeMs;
    this.#compare();
  }

  /** The newest sound against the newest picture. */
  #compare(): void {
    if (this.#videoMs === undefined || this.#audioMs === undefined) return;
    const skew = this.#audioMs - this.#videoMs;
    this.#skews.count++;
    this.#skews.sum += skew;
    if (Math.abs(skew) > Math.abs(this.#skews.max)) this.#skews.max = skew;
  }
}

function reportTrack({ track, frames, bytes, firstMs, lastMs, hasBFrames }: TrackCount): TrackReport {
  const { id, kind, codec, width, height, sampleRate, channels } = track;
  // n frames have n − 1 steps between them: the last one's own duration is not known
  const stepMs = frames > 1 ? (lastMs - firstMs) / (frames - 1) : 0;
  const fps = stepMs > 0 ? 1000 / stepMs : 0;
  const bitrateBps = stepMs > 0 ? Math.round((bytes * 8000) / (stepMs * frames)) : 0;
  const { codecString } = describeCodec(codec, track.config);
  const rates = { frames, fps: Math.round(fps * 100) / 100, bitrateBps, hasBFrames };
  return { id, kind, codec, codecString, width, height, sampleRate, channels, ...rates };
}
