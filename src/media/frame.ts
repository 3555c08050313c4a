import type { Track } from "./track.ts";

/** One access unit, or one audio packet, or one data message. */
export interface Frame {
  readonly track: Track;
  /** Decoding time in ticks of the track's timescale: an integer. */
  readonly dts: number;
  /** Presentation time in the same ticks. */
  readonly pts: number;
  /** Nanoseconds beyond `pts` that the timescale cannot say, 0…999,999; Enhanced RTMP's ModEx offset, passed through. */
  readonly ptsNanos: number;
  /** Decoding may begin here. Audio and data frames are always key frames. */
  readonly isKey: boolean;
  /** Wall clock in ms since 1970 when the frame arrived at this machine; 0 when nobody looked. */
  readonly arrivalMs: number;
  /** The bytes in the one canonical form of the codec (`docs/frames.md`). Valid during the call that hands the frame over. */
  readonly payload: Uint8Array;
}

/** What a demuxer feeds: the input of a stream, a test, a remuxer. */
export interface MediaSink {
  /** A track appeared, or its decoder configuration changed; in force for all frames after it. */
  track(track: Track): void;
  /** A track will bring no more frames. */
  trackEnd(trackId: number): void;
  /** `onMetaData` as AMF0 bytes of its value (object or ECMA array), without the name. In force until the next. */
  metadata(amf0: Uint8Array): void;
  frame(frame: Frame): void;
}
