import { MediaError } from "../base/media-error.ts";
import { describeCodec } from "../codecs/codec.ts";
import type { StreamKey } from "../hub/stream-key.ts";
import type { Track } from "../media/track.ts";
import type { OwnerStats, StreamStats } from "./threads/messages.ts";

/** A stream as the API and the pages show it. */
export interface StreamReport {
  readonly app: string;
  readonly name: string;
  readonly state: "live" | "waiting";
  /** Wall clock in ms since 1970. */
  readonly startedAt: number;
  readonly publisher: { readonly protocol: string; readonly since: number } | null;
  readonly tracks: readonly TrackReport[];
  readonly bitrateBps: number;
  readonly fps: number;
  readonly gopMs: number;
  readonly repairedTimestamps: number;
  readonly skips: number;
  readonly viewers: Readonly<Record<string, number>>;
}

export interface TrackReport {
  readonly kind: string;
  readonly codec: string;
  readonly codecString: string;
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  readonly sampleRate: number;
  readonly channels: number;
}

/** Protocols that every report names, so that readers need not ask whether the field is there. */
const PROTOCOLS = ["flv", "ws-flv", "rtmp", "ts", "ws-ts", "hls"];

/** Turns the counters of one stream's workers into rates. */
export class StreamMeter {
  tracks: readonly TrackReport[] = [];
  #owner: OwnerStats | undefined;
  #ownerAtMs = 0;
  #bitrateBps = 0;
  #fps = 0;
  readonly #byWorker = new Map<number, StreamStats>();

  update(worker: number, stats: StreamStats, nowMs: number): void {
    this.#byWorker.set(worker, stats);
    if (stats.owner) this.#updateOwner(stats.owner, nowMs);
  }

  forgetWorker(worker: number): void {
    this.#byWorker.delete(worker);
  }

  get numbers(): { segment: number; discontinuity: number } | undefined {
    return this.#owner;
  }

  setTracks(tracks: readonly Track[]): void {
    this.tracks = tracks.filter((track) => track.kind !== "data").map(describeTrack);
  }

  report(key: StreamKey, startedAt: number, publisher: StreamReport["publisher"]): StreamReport {
    return {
      ...key,
      state: publisher ? "live" : "waiting",
      startedAt,
      publisher,
      tracks: this.tracks,
      bitrateBps: publisher ? Math.round(this.#bitrateBps) : 0,
      fps: publisher ? Math.round(this.#fps * 10) / 10 : 0,
      gopMs: Math.round(this.#owner?.gopMs ?? 0),
      repairedTimestamps: this.#owner?.repaired ?? 0,
      skips: [...this.#byWorker.values()].reduce((sum, stats) => sum + stats.skips, 0),
      viewers: this.#viewers(),
    };
  }

  #viewers(): Record<string, number> {
    const viewers: Record<string, number> = { total: 0 };
    for (const protocol of PROTOCOLS) viewers[protocol] = 0;
    for (const stats of this.#byWorker.values()) {
      for (const [protocol, count] of Object.entries(stats.viewers)) {
        viewers[protocol] = (viewers[protocol] ?? 0) + count;
        viewers.total = (viewers.total ?? 0) + count;
      }
    }
    return viewers;
  }

  #updateOwner(owner: OwnerStats, nowMs: number): void {
    const before = this.#owner;
    const seconds = (nowMs - this.#ownerAtMs) / 1000;
    this.#owner = owner;
    this.#ownerAtMs = nowMs;
    if (!before || seconds <= 0 || owner.frames < before.frames) return;
    this.#bitrateBps = smooth(this.#bitrateBps, ((owner.bytes - before.bytes) * 8) / seconds);
    this.#fps = smooth(this.#fps, (owner.videoFrames - before.videoFrames) / seconds);
  }
}

function smooth(before: number, now: number): number {
  return before === 0 ? now : before * 0.6 + now * 0.4;
}

function describeTrack(track: Track): TrackReport {
  const { kind, codec } = track;
  const none = {
    codecString: codec,
    width: track.width,
    height: track.height,
    fps: 0,
    sampleRate: track.sampleRate,
    channels: track.channels,
  };
  try {
    return { ...none, ...(codec === "amf0" ? {} : describeCodec(codec, track.config)), kind, codec };
  } catch (error) {
    if (!(error instanceof MediaError)) throw error;
    return { ...none, kind, codec };
  }
}
