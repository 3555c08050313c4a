import { BitReader } from "../../bytes/bit-reader.ts";
import { FormatError } from "../../bytes/format-error.ts";
import { unescapeNalUnit } from "../h264/nal-units.ts";
import { fpsOf, MAX_PICTURE_SIDE } from "../h264/sps.ts";
import { HEVC_SPS, type HevcConfig, hevcNalUnitType } from "./hevc-config.ts";

/** What a sequence parameter set says about the picture. ISO/IEC 23008-2 §7.3.2.2. */
export interface HevcSps {
  readonly generalProfileSpace: number;
  readonly generalTierFlag: boolean;
  readonly generalProfileIdc: number;
  readonly generalProfileCompatibilityFlags: number;
  /** Six bytes. */
  readonly generalConstraintIndicatorFlags: Uint8Array;
  readonly generalLevelIdc: number;
  readonly maxSubLayers: number;
  readonly temporalIdNested: boolean;
  readonly chromaFormatIdc: number;
  readonly bitDepthLumaMinus8: number;
  readonly bitDepthChromaMinus8: number;
  /** Pixels inside the conformance window. */
  readonly width: number;
  readonly height: number;
  /** Pictures per second from the VUI's timing; 0 when it says nothing. */
  readonly fps: number;
}

const MAX_SUB_LAYERS = 7;
const MAX_SHORT_TERM_REF_PIC_SETS = 64;
const MAX_DELTA_POCS = 16;
const MAX_LONG_TERM_REF_PICS = 32;

/** Reads an SPS NAL unit (with its two header bytes). Throws FormatError when the bits run out or name an impossible picture. */
export function readHevcSps(nalUnit: Uint8Array): HevcSps {
  const type = hevcNalUnitType(nalUnit);
  if (type !== HEVC_SPS) throw new FormatError(`hevc sps: NAL unit type ${type}, not ${HEVC_SPS}`);
  const bits = new BitReader(unescapeNalUnit(nalUnit), "hevc sps");
  bits.skip(16 + 4); // header, sps_video_parameter_set_id
  const maxSubLayers = bits.bits(3) + 1;
  if (maxSubLayers > MAX_SUB_LAYERS) throw new FormatError(`hevc sps: ${maxSubLayers} sub-layers`);
  const temporalIdNested = bits.flag();
  const profile = readProfileTierLevel(bits, maxSubLayers);
  bits.ue(); // sps_seq_parameter_set_id
  const chromaFormatIdc = bits.ue();
  if (chromaFormatIdc > 3) throw new FormatError(`hevc sps: chroma_format_idc ${chromaFormatIdc}`);
  const separateColourPlane = chromaFormatIdc === 3 && bits.flag();
  const size = readSize(bits, separateColourPlane ? 0 : chromaFormatIdc);
  const bitDepthLumaMinus8 = bits.ue();
  const bitDepthChromaMinus8 = bits.ue();
  const fps = readFps(bits, maxSubLayers);
  return { ...profile, maxSubLayers, temporalIdNested, chromaFormatIdc, bitDepthLumaMinus8, bitDepthChromaMinus8, ...size, fps };
}

/** profile_tier_level(1, …). §7.3.3. */
function readProfileTierLevel(bits: BitReader, maxSubLayers: number) {
  const generalProfileSpace = bits.bits(2);
  const generalTierFlag = bits.flag();
  const generalProfileIdc = bits.bits(5);
  const generalProfileCompatibilityFlags = bits.bits(32);
  const generalConstraintIndicatorFlags = Uint8Array.from({ length: 6 }, () => bits.bits(8));
  const generalLevelIdc = bits.bits(8);
  let subLayerBits = 0;
  for (let i = 0; i < maxSubLayers - 1; i++) subLayerBits += (bits.flag() ? 88 : 0) + (bits.flag() ? 8 : 0);
  if (maxSubLayers > 1) bits.skip(2 * (9 - maxSubLayers) + subLayerBits);
  return {
    generalProfileSpace,
    generalTierFlag,
    generalProfileIdc,
    generalProfileCompatibilityFlags,
    generalConstraintIndicatorFlags,
    generalLevelIdc,
  };
}

function readSize(bits: BitReader, chromaArrayType: number): { width: number; height: number } {
  let width = bits.ue();
  let height = bits.ue();
  if (bits.flag()) {
    const unitX = chromaArrayType === 1 || chromaArrayType === 2 ? 2 : 1; // SubWidthC, SubHeightC: table 6-1
    const unitY = chromaArrayType === 1 ? 2 : 1;
    width -= (bits.ue() + bits.ue()) * unitX;
    height -= (bits.ue() + bits.ue()) * unitY;
  }
  if (width <= 0 || height <= 0 || width > MAX_PICTURE_SIDE || height > MAX_PICTURE_SIDE) {
    throw new FormatError(`hevc sps: a picture of ${width}×${height}`);
  }
  return { width, height };
}

/** The rest of the SPS up to the VUI's timing. An SPS that ends early or is odd there says nothing about the rate. */
function readFps(bits: BitReader, maxSubLayers: number): number {
  try {
    skipToVui(bits, maxSubLayers);
    return bits.flag() ? readVuiFps(bits) : 0;
  } catch (error) {
    if (error instanceof FormatError) return 0;
    throw error;
  }
}

function skipToVui(bits: BitReader, maxSubLayers: number): void {
  const log2MaxPicOrderCntLsb = bits.ue() + 4;
  const layers = bits.flag() ? maxSubLayers : 1;
  for (let i = 0; i < 3 * layers; i++) bits.ue(); // DPB size, reorder, latency of each sub-layer
  for (let i = 0; i < 6; i++) bits.ue(); // block and transform sizes
  if (bits.flag() && bits.flag()) skipScalingLists(bits);
  bits.skip(2); // amp_enabled_flag, sample_adaptive_offset_enabled_flag
  if (bits.flag()) {
    bits.skip(8); // bit depths of PCM samples
    bits.ue();
    bits.ue();
    bits.bit();
  }
  skipRefPicSets(bits);
  if (bits.flag()) {
    const count = bits.ue();
    if (count > MAX_LONG_TERM_REF_PICS) throw new FormatError(`hevc sps: ${count} long-term pictures`);
    bits.skip(count * (log2MaxPicOrderCntLsb + 1));
  }
  bits.skip(2); // sps_temporal_mvp_enabled_flag, strong_intra_smoothing_enabled_flag
}

/** scaling_list_data(). §7.3.4. */
function skipScalingLists(bits: BitReader): void {
  for (let sizeId = 0; sizeId < 4; sizeId++) {
    for (let matrixId = 0; matrixId < 6; matrixId += sizeId === 3 ? 3 : 1) {
      if (!bits.flag()) {
        bits.ue(); // scaling_list_pred_matrix_id_delta
        continue;
      }
      if (sizeId > 1) bits.se();
      for (let i = 0; i < Math.min(64, 1 << (4 + (sizeId << 1))); i++) bits.se();
    }
  }
}

/** All st_ref_pic_set(). §7.3.7; the number of deltas of a predicted set is that of §7.4.8. */
function skipRefPicSets(bits: BitReader): void {
  const count = bits.ue();
  if (count > MAX_SHORT_TERM_REF_PIC_SETS) throw new FormatError(`hevc sps: ${count} reference picture sets`);
  let deltaPocs = 0; // NumDeltaPocs of the set before
  for (let i = 0; i < count; i++) {
    if (i > 0 && bits.flag()) {
      bits.bit(); // delta_rps_sign
      bits.ue(); // abs_delta_rps_minus1
      let used = 0;
      for (let j = 0; j <= deltaPocs; j++) if (bits.flag() || bits.flag()) used++;
      deltaPocs = used;
      continue;
    }
    deltaPocs = bits.ue() + bits.ue();
    if (deltaPocs > MAX_DELTA_POCS) throw new FormatError(`hevc sps: ${deltaPocs} pictures in a reference picture set`);
    for (let j = 0; j < deltaPocs; j++) {
      bits.ue();
      bits.bit();
    }
  }
}

/** vui_parameters() up to the timing. §E.2.1. */
function readVuiFps(bits: BitReader): number {
  if (bits.flag() && bits.bits(8) === 255) bits.skip(32); // aspect_ratio_idc EXTENDED_SAR
  if (bits.flag()) bits.bit(); // overscan
  if (bits.flag()) {
    bits.skip(4); // video_format, video_full_range_flag
    if (bits.flag()) bits.skip(24); // colour description
  }
  if (bits.flag()) {
    bits.ue();
    bits.ue();
  }
  bits.skip(3); // neutral_chroma_indication_flag, field_seq_flag, frame_field_info_present_flag
  if (bits.flag()) for (let i = 0; i < 4; i++) bits.ue(); // default display window
  if (!bits.flag()) return 0;
  const numUnitsInTick = bits.bits(32);
  return fpsOf(bits.bits(32), numUnitsInTick);
}

/** The record for parameter sets that came in the stream itself. Throws FormatError when there is no readable SPS. */
export function hevcConfigOf(vps: readonly Uint8Array[], sps: readonly Uint8Array[], pps: readonly Uint8Array[]): HevcConfig {
  const first = readHevcSps(sps[0] ?? new Uint8Array(0));
  return {
    generalProfileSpace: first.generalProfileSpace,
    generalTierFlag: first.generalTierFlag,
    generalProfileIdc: first.generalProfileIdc,
    generalProfileCompatibilityFlags: first.generalProfileCompatibilityFlags,
    generalConstraintIndicatorFlags: first.generalConstraintIndicatorFlags,
    generalLevelIdc: first.generalLevelIdc,
    minSpatialSegmentationIdc: 0,
    parallelismType: 0,
    chromaFormatIdc: first.chromaFormatIdc,
    bitDepthLumaMinus8: first.bitDepthLumaMinus8 & 7,
    bitDepthChromaMinus8: first.bitDepthChromaMinus8 & 7,
    avgFrameRate: 0,
    constantFrameRate: 0,
    numTemporalLayers: first.maxSubLayers,
    temporalIdNested: first.temporalIdNested,
    lengthSize: 4,
    arrays: [
      { arrayCompleteness: true, nalUnitType: 32, nalUnits: vps },
      { arrayCompleteness: true, nalUnitType: 33, nalUnits: sps },
      { arrayCompleteness: true, nalUnitType: 34, nalUnits: pps },
    ],
  };
}
