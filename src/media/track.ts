export type TrackKind = "video" | "audio" | "data";

export type VideoCodec = "h264" | "hevc" | "av1" | "vp9" | "vp8";
export type AudioCodec = "aac" | "opus" | "mp3" | "ac3" | "eac3" | "flac" | "pcma" | "pcmu" | "speex";
/** `amf0`: FLV script data. */
export type DataCodec = "amf0";
export type Codec = VideoCodec | AudioCodec | DataCodec;

/** One elementary stream of a live stream. A changed configuration is a new Track object with the same id. */
export interface Track {
  /** Unique in its stream and stable over its life: `trackId(kind, index)`. */
  readonly id: number;
  readonly kind: TrackKind;
  readonly codec: Codec;
  /** Ticks per second of every DTS and PTS. */
  readonly timescale: number;
  /** Decoder configuration in the canonical form of the codec (`docs/frames.md`), empty where the codec has none. */
  readonly config: Uint8Array;
  /** Pixels; 0 when not known (yet). */
  readonly width: number;
  readonly height: number;
  /** Hz and count; 0 when not known. */
  readonly sampleRate: number;
  readonly channels: number;
}

const KINDS: readonly TrackKind[] = ["video", "audio", "data"];
/** Tracks of one kind in one stream; Enhanced RTMP's track number is one byte. */
export const MAX_TRACKS_PER_KIND = 256;

/** The id of the `index`-th track of a kind: video 0…255, audio 256…511, data 512…767. */
export function trackId(kind: TrackKind, index: number): number {
  return KINDS.indexOf(kind) * MAX_TRACKS_PER_KIND + index;
}

/** Which of its kind a track is: Enhanced RTMP's track number. */
export function trackIndex(id: number): number {
  return id % MAX_TRACKS_PER_KIND;
}
