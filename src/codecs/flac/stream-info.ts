import { BitReader } from "../../bytes/bit-reader.ts";
import { FormatError } from "../../bytes/format-error.ts";

const MARKER = [0x66, 0x4c, 0x61, 0x43]; // "fLaC"
const STREAMINFO_BYTES = 34;
/** Marker, metadata block header, STREAMINFO. */
export const FLAC_CONFIG_BYTES = 4 + 4 + STREAMINFO_BYTES;

/** What STREAMINFO says. RFC 9639 §8.2. */
export interface FlacStreamInfo {
  readonly minBlockSize: number;
  readonly maxBlockSize: number;
  readonly sampleRate: number;
  readonly channels: number;
  readonly bitsPerSample: number;
}

/** Reads the canonical configuration: "fLaC", then the STREAMINFO block with its header. Throws FormatError when it is not that. */
export function readFlacConfig(config: Uint8Array): FlacStreamInfo {
  const bits = new BitReader(config, "flac");
  for (const byte of MARKER) if (bits.bits(8) !== byte) throw new FormatError("flac: the configuration does not begin with fLaC");
  bits.bit(); // last-metadata-block flag
  const type = bits.bits(7);
  const length = bits.bits(24);
  if (type !== 0 || length !== STREAMINFO_BYTES)
    throw new FormatError(`flac: block type ${type} of ${length} bytes, not STREAMINFO`);
  const minBlockSize = bits.bits(16);
  const maxBlockSize = bits.bits(16);
  bits.skip(48); // frame sizes
  const sampleRate = bits.bits(20);
  const channels = bits.bits(3) + 1;
  const bitsPerSample = bits.bits(5) + 1;
  bits.skip(36 + 128); // samples, MD5: they must be there
  return { minBlockSize, maxBlockSize, sampleRate, channels, bitsPerSample };
}

/**
 * The canonical configuration from what senders give: with the marker and any number of metadata blocks behind it, the block alone,
 * or the bare STREAMINFO. Other blocks are left out. A copy; `readFlacConfig` judges it.
 */
export function canonicalFlacConfig(bytes: Uint8Array): Uint8Array {
  const hasMarker = MARKER.every((byte, i) => bytes[i] === byte);
  const from = hasMarker ? 8 : bytes.length === STREAMINFO_BYTES ? 0 : 4;
  const info = bytes.subarray(from, from + STREAMINFO_BYTES);
  return Uint8Array.of(...MARKER, 0x80, 0, 0, info.length, ...info);
}
