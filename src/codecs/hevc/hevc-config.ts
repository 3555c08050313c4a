import { ByteReader } from "../../bytes/byte-reader.ts";
import { ByteWriter } from "../../bytes/byte-writer.ts";
import { FormatError } from "../../bytes/format-error.ts";
import { lengthSizeOf } from "../h264/avc-config.ts";
import type { LengthSize } from "../h264/nal-units.ts";

/** NAL unit types of ISO/IEC 23008-2 table 7-1. */
export const HEVC_VPS = 32;
export const HEVC_SPS = 33;
export const HEVC_PPS = 34;

/** Parameter sets and SEI messages of one type in the record. */
export interface HevcArray {
  readonly arrayCompleteness: boolean;
  readonly nalUnitType: number;
  readonly nalUnits: readonly Uint8Array[];
}

/** HEVCDecoderConfigurationRecord. ISO/IEC 14496-15 §8.3.3.1. All byte arrays are views into the record that was read. */
export interface HevcConfig {
  readonly generalProfileSpace: number;
  readonly generalTierFlag: boolean;
  readonly generalProfileIdc: number;
  readonly generalProfileCompatibilityFlags: number;
  /** Six bytes. */
  readonly generalConstraintIndicatorFlags: Uint8Array;
  readonly generalLevelIdc: number;
  readonly minSpatialSegmentationIdc: number;
  readonly parallelismType: number;
  readonly chromaFormatIdc: number;
  readonly bitDepthLumaMinus8: number;
  readonly bitDepthChromaMinus8: number;
  /** Pictures in 256 seconds; 0 unspecified. */
  readonly avgFrameRate: number;
  readonly constantFrameRate: number;
  readonly numTemporalLayers: number;
  readonly temporalIdNested: boolean;
  readonly lengthSize: LengthSize;
  readonly arrays: readonly HevcArray[];
}

/** The type of a NAL unit: bits 1 to 6 of its first byte. */
export function hevcNalUnitType(nalUnit: Uint8Array): number {
  return ((nalUnit[0] ?? 0) >> 1) & 0x3f;
}

/** Reads an "hvcC" record. Throws FormatError when it is another version or a length runs past the end. */
export function readHevcConfig(record: Uint8Array): HevcConfig {
  const reader = new ByteReader(record, "hvcC");
  const version = reader.u8();
  // before the standard was out, encoders wrote version 0 with the same fields
  if (version > 1) throw new FormatError(`hvcC: configurationVersion ${version}, not 1`);
  const profile = reader.u8();
  const generalProfileCompatibilityFlags = reader.u32();
  const generalConstraintIndicatorFlags = reader.take(6);
  const generalLevelIdc = reader.u8();
  const minSpatialSegmentationIdc = reader.u16() & 0xfff;
  const parallelismType = reader.u8() & 3;
  const chromaFormatIdc = reader.u8() & 3;
  const bitDepthLumaMinus8 = reader.u8() & 7;
  const bitDepthChromaMinus8 = reader.u8() & 7;
  const avgFrameRate = reader.u16();
  const rates = reader.u8();
  return {
    generalProfileSpace: profile >> 6,
    generalTierFlag: (profile & 0x20) !== 0,
    generalProfileIdc: profile & 0x1f,
    generalProfileCompatibilityFlags,
    generalConstraintIndicatorFlags,
    generalLevelIdc,
    minSpatialSegmentationIdc,
    parallelismType,
    chromaFormatIdc,
    bitDepthLumaMinus8,
    bitDepthChromaMinus8,
    avgFrameRate,
    constantFrameRate: rates >> 6,
    numTemporalLayers: (rates >> 3) & 7,
    temporalIdNested: (rates & 4) !== 0,
    lengthSize: lengthSizeOf(rates),
    arrays: readArrays(reader),
  };
}

/** At most 255 arrays: their number is one byte; each NAL unit takes at least the two bytes of its length. */
function readArrays(reader: ByteReader): HevcArray[] {
  const arrays: HevcArray[] = [];
  for (let count = reader.u8(); count > 0; count--) {
    const head = reader.u8();
    const nalUnits: Uint8Array[] = [];
    for (let units = reader.u16(); units > 0; units--) nalUnits.push(reader.take(reader.u16()));
    arrays.push({ arrayCompleteness: (head & 0x80) !== 0, nalUnitType: head & 0x3f, nalUnits });
  }
  return arrays;
}

/** The record as bytes. `readHevcConfig` gives the same value again. */
export function writeHevcConfig(config: HevcConfig): Uint8Array {
  const w = new ByteWriter(256);
  w.u8(1);
  w.u8((config.generalProfileSpace << 6) | (config.generalTierFlag ? 0x20 : 0) | config.generalProfileIdc);
  w.u32(config.generalProfileCompatibilityFlags);
  w.put(config.generalConstraintIndicatorFlags);
  w.u8(config.generalLevelIdc);
  w.u16(0xf000 | config.minSpatialSegmentationIdc);
  w.u8(0xfc | config.parallelismType);
  w.u8(0xfc | config.chromaFormatIdc);
  w.u8(0xf8 | config.bitDepthLumaMinus8);
  w.u8(0xf8 | config.bitDepthChromaMinus8);
  w.u16(config.avgFrameRate);
  const nested = config.temporalIdNested ? 4 : 0;
  w.u8((config.constantFrameRate << 6) | (config.numTemporalLayers << 3) | nested | (config.lengthSize - 1));
  w.u8(config.arrays.length);
  for (const array of config.arrays) {
    w.u8((array.arrayCompleteness ? 0x80 : 0) | array.nalUnitType);
    w.u16(array.nalUnits.length);
    for (const unit of array.nalUnits) {
      w.u16(unit.length);
      w.put(unit);
    }
  }
  return w.toBytes();
}

/** The NAL units of one type in the record, in order. */
export function hevcParameterSets(config: HevcConfig, nalUnitType: number): Uint8Array[] {
  return config.arrays.filter((array) => array.nalUnitType === nalUnitType).flatMap((array) => array.nalUnits);
}

/** A copy of the record that says 4-byte lengths, for access units that were brought into that form; nothing else differs. */
export function canonicalHevcConfig(record: Uint8Array): Uint8Array {
  const copy = record.slice();
  copy[21] = (copy[21] ?? 0) | 3;
  return copy;
}
