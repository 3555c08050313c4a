import type { Frame } from "../../media/frame.ts";
import type { PesWriter } from "./pes-writer.ts";

/** How the frames of one track become the elementary stream that ISO/IEC 13818-1 carries for its codec. */
export interface ElementaryStream {
  /** Table 2-34 and private extensions of it. */
  readonly streamType: number;
  /** Table 2-22: 0xe0 video, 0xc0 MPEG audio, 0xbd private_stream_1. */
  readonly streamId: number;
  /** For the program map: what stream_type alone does not say. */
  readonly descriptors: Uint8Array;
  /** An upper bound of `measure`, without looking at the payload. */
  maxBytes(frame: Frame): number;
  /** Exactly what `write` will put; 0 for a frame that this stream cannot carry, which is then left out. */
  measure(frame: Frame): number;
  /** Puts the frame's bytes, each copied once. Follows a `measure` of the same frame. */
  write(frame: Frame, out: PesWriter): void;
}

export const STREAM_ID_AUDIO = 0xc0;
export const STREAM_ID_VIDEO = 0xe0;
export const STREAM_ID_PRIVATE_1 = 0xbd;
export const NO_DESCRIPTORS = new Uint8Array(0);

/** registration_descriptor, §2.6.8: whose private stream this is. */
export function registrationDescriptor(formatIdentifier: string): Uint8Array {
  return Uint8Array.from([0x05, 4, ...Array.from(formatIdentifier, (letter) => letter.charCodeAt(0))]);
}
