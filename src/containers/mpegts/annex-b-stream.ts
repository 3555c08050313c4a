import { ByteWriter } from "../../bytes/byte-writer.ts";
import { nalUnitEnd } from "../../codecs/h264/nal-units.ts";
import type { Frame } from "../../media/frame.ts";
import { type ElementaryStream, NO_DESCRIPTORS, STREAM_ID_VIDEO } from "./elementary-stream.ts";
import type { PesWriter } from "./pes-writer.ts";

/** The NAL unit types that a byte stream in MPEG-TS needs to know of its codec. */
export interface NalTypes {
  /** From the first byte of a NAL unit. */
  typeOf(firstByte: number): number;
  /** An access unit delimiter that allows any slice type, with its start code. */
  readonly delimiter: Uint8Array;
  readonly delimiterType: number;
  /** The parameter sets that must be there before a key frame. */
  readonly parameterSetTypes: readonly number[];
}

const START_CODE = Uint8Array.of(0, 0, 0, 1);
const LENGTH_BYTES = 4;

/** Joins parameter sets, each behind a start code; empty ones are left out. */
export function annexB(nalUnits: Iterable<Uint8Array>): Uint8Array {
  const w = new ByteWriter();
  for (const nalUnit of nalUnits) {
    if (nalUnit.length === 0) continue;
    w.put(START_CODE);
    w.put(nalUnit);
  }
  return w.toBytes();
}

/**
 * H.264 and HEVC access units as byte streams (ISO/IEC 14496-10 and 23008-2, annex B). A start code takes the room of the length
 * prefix it replaces, so the frame goes into the packets in place; what ISO/IEC 13818-1 §2.14 wants besides is added when the
 * publisher left it out: an access unit delimiter in front, and before key frames the parameter sets of the configuration.
 * Empty NAL units are left out. `measure` throws FormatError when a length runs past the end.
 */
export class AnnexBStream implements ElementaryStream {
  readonly streamType: number;
  readonly streamId = STREAM_ID_VIDEO;
  readonly descriptors = NO_DESCRIPTORS;
  readonly #types: NalTypes;
  /** With their start codes. */
  readonly #parameterSets: Uint8Array;
  /** Of the frame last measured. */
  #delimiterEnd = 0;
  #needsParameterSets = false;

  constructor(streamType: number, types: NalTypes, parameterSets: Uint8Array) {
    this.streamType = streamType;
    this.#types = types;
    this.#parameterSets = parameterSets;
  }

  maxBytes(frame: Frame): number {
    return frame.payload.length + this.#types.delimiter.length + (frame.isKey ? this.#parameterSets.length : 0);
  }

  measure(frame: Frame): number {
    const { payload } = frame;
    const { delimiterType, parameterSetTypes } = this.#types;
    let bytes = 0;
    let seen = 0;
    this.#delimiterEnd = 0;
    for (let at = 0, end = 0; at < payload.length; at = end) {
      end = nalUnitEnd(payload, at);
      if (end === at + LENGTH_BYTES) continue;
      const type = this.#types.typeOf(payload[at + LENGTH_BYTES]!);
      if (bytes === 0 && type === delimiterType) this.#delimiterEnd = end;
      const index = parameterSetTypes.indexOf(type);
      if (index >= 0) seen |= 1 << index;
      bytes += end - at;
    }
    if (bytes === 0) return 0;
    this.#needsParameterSets = frame.isKey && seen !== (1 << parameterSetTypes.length) - 1;
    if (this.#delimiterEnd === 0) bytes += this.#types.delimiter.length;
    return this.#needsParameterSets ? bytes + this.#parameterSets.length : bytes;
  }

  write(frame: Frame, out: PesWriter): void {
    if (this.#delimiterEnd > 0) putNalUnits(frame.payload, 0, this.#delimiterEnd, out);
    else out.put(this.#types.delimiter);
    if (this.#needsParameterSets) out.put(this.#parameterSets);
    putNalUnits(frame.payload, this.#delimiterEnd, frame.payload.length, out);
  }
}

function putNalUnits(payload: Uint8Array, from: number, to: number, out: PesWriter): void {
  for (let at = from, end = 0; at < to; at = end) {
    end = nalUnitEnd(payload, at);
    if (end === at + LENGTH_BYTES) continue;
    out.put(START_CODE);
    out.put(payload, at + LENGTH_BYTES, end);
  }
}
