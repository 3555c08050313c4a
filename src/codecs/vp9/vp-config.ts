import { ByteReader } from "../../bytes/byte-reader.ts";
import { FormatError } from "../../bytes/format-error.ts";

/** VPCodecConfigurationRecord of VP8 and VP9. VP9-ISOBMFF, "VP Codec Configuration Box". */
export interface VpConfig {
  readonly profile: number;
  /** Ten times the level: 31 is 3.1. */
  readonly level: number;
  readonly bitDepth: number;
  readonly chromaSubsampling: number;
  readonly videoFullRangeFlag: boolean;
  readonly colourPrimaries: number;
  readonly transferCharacteristics: number;
  readonly matrixCoefficients: number;
}

/** Reads the record without its box's version and flags. Throws FormatError when it is too short or names an impossible depth. */
export function readVpConfig(record: Uint8Array): VpConfig {
  const reader = new ByteReader(record, "vpcC");
  const profile = reader.u8();
  const level = reader.u8();
  const format = reader.u8();
  const bitDepth = format >> 4;
  if (bitDepth !== 8 && bitDepth !== 10 && bitDepth !== 12) throw new FormatError(`vpcC: bit depth ${bitDepth}`);
  return {
    profile,
    level,
    bitDepth,
    chromaSubsampling: (format >> 1) & 7,
    videoFullRangeFlag: (format & 1) === 1,
    colourPrimaries: reader.u8(),
    transferCharacteristics: reader.u8(),
    matrixCoefficients: reader.u8(),
  };
}

/**
 * A copy of the record in canonical form. Some senders leave the box's version (1) and flags in front: a record that began so would
 * have a bit depth of 0, so there is no doubt.
 */
export function canonicalVpConfig(record: Uint8Array): Uint8Array {
  const hasVersion = record.length >= 10 && record[0] === 1 && record[1] === 0 && record[2] === 0 && record[3] === 0;
  return record.slice(hasVersion ? 4 : 0);
}
