import { BitReader } from "../../bytes/bit-reader.ts";
import { FormatError } from "../../bytes/format-error.ts";
import { unescapeNalUnit } from "./nal-units.ts";

/** What a sequence parameter set says about the picture. ISO/IEC 14496-10 §7.3.2.1.1. */
export interface H264Sps {
  readonly profileIdc: number;
  /** constraint_set flags and reserved bits: the second byte of a codec string. */
  readonly constraintFlags: number;
  readonly levelIdc: number;
  /** Pixels after cropping. */
  readonly width: number;
  readonly height: number;
  /** Pictures per second from the VUI's timing; 0 when it says nothing. Encoders with a variable rate write nonsense here. */
  readonly fps: number;
}

/** Profiles whose SPS has chroma format, bit depths and scaling lists. */
const HIGH_PROFILES = new Set([100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135]);
const MAX_REF_FRAMES_IN_CYCLE = 255;
/** No level allows a side beyond 16,384 pixels; the bound keeps arithmetic on hostile numbers harmless. */
export const MAX_PICTURE_SIDE = 65_536;
export const MAX_FPS = 1000;

/** Reads an SPS NAL unit (with its header byte). Throws FormatError when the bits run out or name an impossible picture. */
export function readH264Sps(nalUnit: Uint8Array): H264Sps {
  const bits = new BitReader(unescapeNalUnit(nalUnit), "h264 sps");
  const nalUnitType = bits.bits(8) & 0x1f;
  if (nalUnitType !== 7) throw new FormatError(`h264 sps: NAL unit type ${nalUnitType}, not 7`);
  const profileIdc = bits.bits(8);
  const constraintFlags = bits.bits(8);
  const levelIdc = bits.bits(8);
  bits.ue(); // seq_parameter_set_id
  const chromaFormat = HIGH_PROFILES.has(profileIdc) ? readHighProfileFields(bits) : 1;
  bits.ue(); // log2_max_frame_num_minus4
  skipPicOrderCnt(bits);
  bits.ue(); // max_num_ref_frames
  bits.bit(); // gaps_in_frame_num_value_allowed_flag
  const size = readSize(bits, chromaFormat);
  return { profileIdc, constraintFlags, levelIdc, ...size, fps: bits.flag() ? readVuiFps(bits) : 0 };
}

/** Returns ChromaArrayType: 0 when the colour planes are coded apart. */
function readHighProfileFields(bits: BitReader): number {
  const chromaFormatIdc = bits.ue();
  const separateColourPlane = chromaFormatIdc === 3 && bits.flag();
  bits.ue(); // bit_depth_luma_minus8
  bits.ue(); // bit_depth_chroma_minus8
  bits.bit(); // qpprime_y_zero_transform_bypass_flag
  if (bits.flag()) {
    const lists = chromaFormatIdc === 3 ? 12 : 8;
    for (let i = 0; i < lists; i++) if (bits.flag()) skipScalingList(bits, i < 6 ? 16 : 64);
  }
  return separateColourPlane ? 0 : chromaFormatIdc;
}

function skipScalingList(bits: BitReader, size: number): void {
  let last = 8;
  let next = 8;
  for (let i = 0; i < size; i++) {
    if (next !== 0) next = (last + bits.se()) & 0xff;
    if (next !== 0) last = next;
  }
}

function skipPicOrderCnt(bits: BitReader): void {
  const type = bits.ue();
  if (type === 0) bits.ue();
  if (type !== 1) return;
  bits.bit(); // delta_pic_order_always_zero_flag
  bits.se(); // offset_for_non_ref_pic
  bits.se(); // offset_for_top_to_bottom_field
  const count = bits.ue();
  if (count > MAX_REF_FRAMES_IN_CYCLE) throw new FormatError(`h264 sps: ${count} reference frames in a cycle`);
  for (let i = 0; i < count; i++) bits.se();
}

function readSize(bits: BitReader, chromaArrayType: number): { width: number; height: number } {
  let width = (bits.ue() + 1) * 16;
  let height = (bits.ue() + 1) * 16;
  const frameMbsOnly = bits.bit();
  height *= 2 - frameMbsOnly;
  if (frameMbsOnly === 0) bits.bit(); // mb_adaptive_frame_field_flag
  bits.bit(); // direct_8x8_inference_flag
  if (bits.flag()) {
    // §7.4.2.1.1, CropUnitX and CropUnitY: offsets count chroma samples, and pairs of lines when there are fields
    const unitX = chromaArrayType === 1 || chromaArrayType === 2 ? 2 : 1;
    const unitY = (chromaArrayType === 1 ? 2 : 1) * (2 - frameMbsOnly);
    width -= (bits.ue() + bits.ue()) * unitX;
    height -= (bits.ue() + bits.ue()) * unitY;
  }
  if (width <= 0 || height <= 0 || width > MAX_PICTURE_SIDE || height > MAX_PICTURE_SIDE) {
    throw new FormatError(`h264 sps: a picture of ${width}×${height}`);
  }
  return { width, height };
}

/** vui_parameters() up to the timing. §E.1.1. A VUI that is cut short says nothing about the rate. */
function readVuiFps(bits: BitReader): number {
  try {
    if (bits.flag() && bits.bits(8) === 255) bits.skip(32); // aspect_ratio_idc Extended_SAR
    if (bits.flag()) bits.bit(); // overscan
    if (bits.flag()) {
      bits.skip(4); // video_format, video_full_range_flag
      if (bits.flag()) bits.skip(24); // colour_primaries, transfer_characteristics, matrix_coefficients
    }
    if (bits.flag()) {
      bits.ue();
      bits.ue();
    }
    if (!bits.flag()) return 0;
    const numUnitsInTick = bits.bits(32);
    const timeScale = bits.bits(32);
    return fpsOf(timeScale, numUnitsInTick * 2); // a tick is a field
  } catch (error) {
    if (error instanceof FormatError) return 0;
    throw error;
  }
}

/** Pictures per second, rounded to 1/1000; 0 when the numbers make no sense. */
export function fpsOf(timeScale: number, unitsPerPicture: number): number {
  const fps = unitsPerPicture > 0 ? timeScale / unitsPerPicture : 0;
  return fps <= MAX_FPS ? Math.round(fps * 1000) / 1000 : 0;
}
