import { BitReader } from "../../bytes/bit-reader.ts";
import { FormatError } from "../../bytes/format-error.ts";
import { type CodecDescription, type CodecEntry, twoDigits, videoDescription } from "../codec-entry.ts";
import { readVpConfig } from "./vp-config.ts";

const SYNC_CODE = 0x498342;
const COLOR_SPACE_RGB = 7;

/** VP9. The size is only in key frames. */
export const vp9: CodecEntry = {
  kind: "video",
  needsConfig: false,
  describe(config) {
    return videoDescription(vpCodecString("vp09", config) ?? "vp09.00.10.08");
  },
  describeFrame(payload, known) {
    try {
      return readKeyFrameSize(payload, known);
    } catch (error) {
      if (error instanceof FormatError) return known;
      throw error;
    }
  },
};

/** `vp09.<profile>.<level>.<bit depth>`; undefined without a configuration. */
export function vpCodecString(fourCc: string, config: Uint8Array): string | undefined {
  if (config.length === 0) return undefined;
  const { profile, level, bitDepth } = readVpConfig(config);
  return [fourCc, twoDigits(profile), twoDigits(level), twoDigits(bitDepth)].join(".");
}

/** uncompressed_header() of a key frame up to frame_size(). VP9 bitstream specification §6.2. */
function readKeyFrameSize(payload: Uint8Array, known: CodecDescription): CodecDescription {
  const bits = new BitReader(payload, "vp9");
  if (bits.bits(2) !== 2) return known; // frame_marker
  const profile = bits.bit() + 2 * bits.bit();
  if (profile === 3) bits.bit();
  if (bits.flag() || bits.flag()) return known; // show_existing_frame, frame_type: not a key frame
  bits.skip(2); // show_frame, error_resilient_mode
  if (bits.bits(24) !== SYNC_CODE) return known;
  if (profile >= 2) bits.bit(); // ten_or_twelve_bit
  const isRgb = bits.bits(3) === COLOR_SPACE_RGB;
  if (!isRgb) bits.bit(); // color_range
  if (profile === 1 || profile === 3) bits.skip(isRgb ? 1 : 3); // subsampling, reserved
  return { ...known, width: bits.bits(16) + 1, height: bits.bits(16) + 1 };
}
