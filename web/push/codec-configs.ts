import { ByteWriter } from "../../src/bytes/byte-writer.ts";
import type { PictureSize } from "./picture-size.ts";

/** 6.5 ms at 48 kHz: what libopus puts before the first sample. */
const OPUS_PRE_SKIP = 312;

/** The identification header that Opus frames are described by. RFC 7845 §5.1. */
export function opusHead(channels: number, sampleRate: number): Uint8Array {
  const w = new ByteWriter(19);
  w.ascii("OpusHead");
  w.u8(1); // version
  w.u8(channels);
  w.u8(OPUS_PRE_SKIP & 0xff);
  w.u8(OPUS_PRE_SKIP >> 8);
  w.u32le(sampleRate);
  w.u16(0); // output gain
  w.u8(0); // mapping family: mono or stereo
  return w.toBytes();
}

/** `VPCodecConfigurationRecord` without version and flags: 8 bit 4:2:0 in BT.709, which is what encoders of cameras and screens make. */
export function vpConfig(size: PictureSize): Uint8Array {
  const w = new ByteWriter(8);
  w.u8(0); // profile
  w.u8(size.height > 1088 ? 50 : 40); // level
  w.u8((8 << 4) | (1 << 1)); // bitDepth, chromaSubsampling 4:2:0 colocated, limited range
  w.u8(1); // colourPrimaries
  w.u8(1); // transferCharacteristics
  w.u8(1); // matrixCoefficients
  w.u16(0); // codecInitializationDataSize
  return w.toBytes();
}

/** The bytes behind a WebCodecs `description`, as a copy. */
export function descriptionBytes(description: AllowSharedBufferSource | undefined): Uint8Array {
  if (description === undefined) return new Uint8Array();
  return ArrayBuffer.isView(description)
    ? new Uint8Array(description.buffer, description.byteOffset, description.byteLength).slice()
    : new Uint8Array(description).slice();
}
