import { LimitError } from "../../base/media-error.ts";
import { ByteReader } from "../../bytes/byte-reader.ts";
import type { ByteWriter } from "../../bytes/byte-writer.ts";
import { FormatError } from "../../bytes/format-error.ts";
import { type AudioSpecificConfig, SAMPLING_FREQUENCIES, writeAudioSpecificConfig } from "./audio-specific-config.ts";

/** Bytes of the header that is written: without a CRC. */
export const ADTS_HEADER_BYTES = 7;
/** aac_frame_length has 13 bits. */
export const MAX_ADTS_FRAME_BYTES = 0x1fff;

/** An ADTS header. ISO/IEC 14496-3 §1.A.2.2. */
export interface AdtsHeader {
  readonly audioObjectType: number;
  readonly samplingFrequency: number;
  readonly channelConfiguration: number;
  /** 7, or 9 with a CRC. */
  readonly headerBytes: number;
  /** Header and payload. */
  readonly frameBytes: number;
  /** Raw data blocks in the frame: nearly always 1. */
  readonly rawDataBlocks: number;
}

/**
 * Writes the 7-byte header of a raw access unit of `payloadBytes`; the payload follows. SBR stays implicit, as ADTS can only name
 * the core. Throws LimitError when the access unit is too long for it.
 */
export function writeAdtsHeader(w: ByteWriter, config: AudioSpecificConfig, payloadBytes: number): void {
  const frameBytes = payloadBytes + ADTS_HEADER_BYTES;
  if (frameBytes > MAX_ADTS_FRAME_BYTES)
    throw new LimitError(`adts: a frame of ${frameBytes} bytes is above ${MAX_ADTS_FRAME_BYTES}`);
  const index = nearestFrequencyIndex(config.samplingFrequency);
  // profile_ObjectType has two bits: whatever is not Main, LC, SSR or LTP is announced as LC
  const profile = config.audioObjectType >= 1 && config.audioObjectType <= 4 ? config.audioObjectType - 1 : 1;
  const channels = config.channelConfiguration;
  w.u8(0xff);
  w.u8(0xf1); // MPEG-4, layer 0, no CRC
  w.u8((profile << 6) | (index << 2) | ((channels >> 2) & 1));
  w.u8(((channels & 3) << 6) | (frameBytes >> 11));
  w.u8(frameBytes >> 3);
  w.u8(((frameBytes & 7) << 5) | 0x1f); // adts_buffer_fullness 0x7ff: variable rate
  w.u8(0xfc); // one raw data block
}

function nearestFrequencyIndex(frequency: number): number {
  const exact = SAMPLING_FREQUENCIES.indexOf(frequency);
  if (exact >= 0) return exact;
  const distances = SAMPLING_FREQUENCIES.map((each) => Math.abs(each - frequency));
  return distances.indexOf(Math.min(...distances));
}

/** Reads the header at the start of `bytes` (7 or 9 of them). Throws FormatError when there is no sync word or a field is reserved. */
export function readAdtsHeader(bytes: Uint8Array): AdtsHeader {
  const reader = new ByteReader(bytes, "adts");
  const sync = reader.u16();
  if ((sync & 0xfff6) !== 0xfff0) throw new FormatError(`adts: no sync word, but 0x${sync.toString(16)}`);
  const headerBytes = (sync & 1) === 1 ? 7 : 9;
  const high = reader.u8();
  const low = reader.u32();
  const samplingFrequency = SAMPLING_FREQUENCIES[(high >> 2) & 15];
  if (samplingFrequency === undefined) throw new FormatError(`adts: sampling_frequency_index ${(high >> 2) & 15} is reserved`);
  const frameBytes = (low >>> 13) & 0x1fff;
  if (frameBytes < headerBytes) throw new FormatError(`adts: a frame of ${frameBytes} bytes with a header of ${headerBytes}`);
  return {
    audioObjectType: (high >> 6) + 1,
    samplingFrequency,
    channelConfiguration: ((high & 1) << 2) | (low >>> 30),
    headerBytes,
    frameBytes,
    rawDataBlocks: (low & 3) + 1,
  };
}

/** The decoder configuration that an ADTS stream implies. */
export function configOfAdts(header: AdtsHeader): Uint8Array {
  return writeAudioSpecificConfig(header.audioObjectType, header.samplingFrequency, header.channelConfiguration);
}
