import { BitReader } from "../../bytes/bit-reader.ts";
import { fpsOf } from "../h264/sps.ts";

/** What a sequence header says about the picture. AV1 specification §5.5. */
export interface Av1SequenceHeader {
  readonly seqProfile: number;
  /** The largest picture of the sequence, in pixels. */
  readonly width: number;
  readonly height: number;
  /** Pictures per second when the interval is equal; 0 when the header says nothing. */
  readonly fps: number;
}

/** Reads the payload of a sequence header OBU up to the frame size. Throws FormatError when the bits run out. */
export function readAv1SequenceHeader(payload: Uint8Array): Av1SequenceHeader {
  const bits = new BitReader(payload, "av1 sequence header");
  const seqProfile = bits.bits(3);
  bits.bit(); // still_picture
  const isReduced = bits.flag();
  let fps = 0;
  if (isReduced) bits.skip(5);
  else fps = readTimingAndOperatingPoints(bits);
  const widthBits = bits.bits(4) + 1;
  const heightBits = bits.bits(4) + 1;
  return { seqProfile, width: bits.bits(widthBits) + 1, height: bits.bits(heightBits) + 1, fps };
}

function readTimingAndOperatingPoints(bits: BitReader): number {
  const hasTiming = bits.flag();
  const fps = hasTiming ? readTimingInfo(bits) : 0;
  const hasDecoderModel = hasTiming && bits.flag();
  let delayBits = 0;
  if (hasDecoderModel) {
    delayBits = bits.bits(5) + 1;
    bits.skip(32 + 5 + 5);
  }
  const hasDisplayDelay = bits.flag();
  for (let count = bits.bits(5) + 1; count > 0; count--) {
    bits.skip(12); // operating_point_idc
    if (bits.bits(5) > 7) bits.bit(); // seq_level_idx, seq_tier
    if (hasDecoderModel && bits.flag()) bits.skip(2 * delayBits + 1);
    if (hasDisplayDelay && bits.flag()) bits.skip(4);
  }
  return fps;
}

/** timing_info(). §5.5.3. */
function readTimingInfo(bits: BitReader): number {
  const numUnitsInDisplayTick = bits.bits(32);
  const timeScale = bits.bits(32);
  return bits.flag() ? fpsOf(timeScale, numUnitsInDisplayTick * (bits.ue() + 1)) : 0;
}
