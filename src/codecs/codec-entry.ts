import type { TrackKind } from "../media/track.ts";

/** What players and people want to know of a track. 0 is "not known". */
export interface CodecDescription {
  /** The `codecs` parameter of RFC 6381: `avc1.64001f`, `mp4a.40.2`. */
  readonly codecString: string;
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  /** Hz that come out of the decoder. */
  readonly sampleRate: number;
  readonly channels: number;
}

/** What one codec knows of itself: a row of the table in `codec.ts`. */
export interface CodecEntry {
  readonly kind: TrackKind;
  /** Frames cannot be decoded before a decoder configuration came. */
  readonly needsConfig: boolean;
  /** Reads a decoder configuration in canonical form, empty where there is none. Throws FormatError when it is malformed. */
  describe(config: Uint8Array): CodecDescription;
  /**
   * Reads from a frame what `known`, the description of its configuration, does not say; `known` itself when the frame says nothing
   * (it is no key frame, or not what it should be). Never throws.
   */
  describeFrame?(payload: Uint8Array, known: CodecDescription): CodecDescription;
}

export function videoDescription(codecString: string, width = 0, height = 0, fps = 0): CodecDescription {
  return { codecString, width, height, fps, sampleRate: 0, channels: 0 };
}

export function audioDescription(codecString: string, sampleRate = 0, channels = 0): CodecDescription {
  return { codecString, width: 0, height: 0, fps: 0, sampleRate, channels };
}

/** A number as `digits` hexadecimal digits, as codec strings have them. */
export function hexDigits(value: number, digits: number): string {
  return value.toString(16).padStart(digits, "0");
}

/** A number as two decimal digits. */
export function twoDigits(value: number): string {
  return String(value).padStart(2, "0");
}
