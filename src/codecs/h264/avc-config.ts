import { ByteReader } from "../../bytes/byte-reader.ts";
import { ByteWriter } from "../../bytes/byte-writer.ts";
import { FormatError } from "../../bytes/format-error.ts";
import type { LengthSize } from "./nal-units.ts";

/** AVCDecoderConfigurationRecord. ISO/IEC 14496-15 §5.3.3.1. All byte arrays are views into the record that was read. */
export interface AvcConfig {
  readonly avcProfileIndication: number;
  readonly profileCompatibility: number;
  readonly avcLevelIndication: number;
  /** Bytes of the length in front of a NAL unit: `lengthSizeMinusOne` + 1. */
  readonly lengthSize: LengthSize;
  /** NAL units with their one-byte header. */
  readonly sequenceParameterSets: readonly Uint8Array[];
  readonly pictureParameterSets: readonly Uint8Array[];
  /** Chroma format, bit depths and SPS extensions of the high profiles, as they are; often missing. */
  readonly extension: Uint8Array;
}

/** Reads an "avcC" record. Throws FormatError when it is another version or a length runs past the end. */
export function readAvcConfig(record: Uint8Array): AvcConfig {
  const reader = new ByteReader(record, "avcC");
  const version = reader.u8();
  if (version !== 1) throw new FormatError(`avcC: configurationVersion ${version}, not 1`);
  return {
    avcProfileIndication: reader.u8(),
    profileCompatibility: reader.u8(),
    avcLevelIndication: reader.u8(),
    lengthSize: lengthSizeOf(reader.u8()),
    sequenceParameterSets: readParameterSets(reader, reader.u8() & 0x1f),
    pictureParameterSets: readParameterSets(reader, reader.u8()),
    extension: reader.rest(),
  };
}

/** `lengthSizeMinusOne` is the lower two bits, in H.264's record and in HEVC's. */
export function lengthSizeOf(byte: number): LengthSize {
  return ((byte & 3) + 1) as LengthSize;
}

/** `count` NAL units with 16-bit lengths; at most 255, as the count is one byte. */
function readParameterSets(reader: ByteReader, count: number): Uint8Array[] {
  const sets: Uint8Array[] = [];
  for (let i = 0; i < count; i++) sets.push(reader.take(reader.u16()));
  return sets;
}

/** The record as bytes. `readAvcConfig` gives the same value again. */
export function writeAvcConfig(config: AvcConfig): Uint8Array {
  const w = new ByteWriter(128);
  w.u8(1);
  w.u8(config.avcProfileIndication);
  w.u8(config.profileCompatibility);
  w.u8(config.avcLevelIndication);
  w.u8(0xfc | (config.lengthSize - 1));
  w.u8(0xe0 | config.sequenceParameterSets.length);
  writeParameterSets(w, config.sequenceParameterSets);
  w.u8(config.pictureParameterSets.length);
  writeParameterSets(w, config.pictureParameterSets);
  w.put(config.extension);
  return w.toBytes();
}

function writeParameterSets(w: ByteWriter, sets: readonly Uint8Array[]): void {
  for (const set of sets) {
    w.u16(set.length);
    w.put(set);
  }
}

/** A copy of the record that says 4-byte lengths, for access units that were brought into that form; nothing else differs. */
export function canonicalAvcConfig(record: Uint8Array): Uint8Array {
  const copy = record.slice();
  copy[4] = (copy[4] ?? 0xfc) | 3;
  return copy;
}

/**
 * The record for parameter sets that came in the stream itself (Annex B, WebRTC). Without the extension of the high profiles, which
 * decoders read from the SPS anyway. Throws FormatError when the SPS is too short or there is none.
 */
export function avcConfigOf(
  sequenceParameterSets: readonly Uint8Array[],
  pictureParameterSets: readonly Uint8Array[],
): AvcConfig {
  const sps = new ByteReader(sequenceParameterSets[0] ?? new Uint8Array(0), "h264 sps");
  sps.skip(1);
  return {
    avcProfileIndication: sps.u8(),
    profileCompatibility: sps.u8(),
    avcLevelIndication: sps.u8(),
    lengthSize: 4,
    sequenceParameterSets,
    pictureParameterSets,
    extension: new Uint8Array(0),
  };
}
