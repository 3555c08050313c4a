import { ByteReader } from "../../bytes/byte-reader.ts";
import { ByteWriter } from "../../bytes/byte-writer.ts";
import { FormatError } from "../../bytes/format-error.ts";

/** Opus always comes out at this rate. */
export const OPUS_SAMPLE_RATE = 48_000;

/** The identification header of Opus. RFC 7845 §5.1. */
export interface OpusHead {
  readonly channelCount: number;
  /** Samples at 48 kHz to drop at the start. */
  readonly preSkip: number;
  /** Hz before encoding: for display only. */
  readonly inputSampleRate: number;
  /** Q7.8 decibels. */
  readonly outputGain: number;
  readonly channelMappingFamily: number;
  /** Stream count, coupled count and the mapping; empty for family 0. */
  readonly channelMapping: Uint8Array;
}

/** Reads "OpusHead…". Throws FormatError when it is something else, too short, or of a later incompatible version. */
export function readOpusHead(bytes: Uint8Array): OpusHead {
  const reader = new ByteReader(bytes, "opus");
  if (reader.ascii(8) !== "OpusHead") throw new FormatError("opus: the configuration does not begin with OpusHead");
  const version = reader.u8();
  if (version >= 16) throw new FormatError(`opus: OpusHead version ${version}`);
  const channelCount = reader.u8();
  if (channelCount === 0) throw new FormatError("opus: OpusHead with no channels");
  const preSkip = swap16(reader.u16());
  const inputSampleRate = reader.u32le();
  const outputGain = (swap16(reader.u16()) << 16) >> 16;
  const channelMappingFamily = reader.u8();
  const channelMapping = channelMappingFamily === 0 ? new Uint8Array(0) : reader.take(2 + channelCount);
  return { channelCount, preSkip, inputSampleRate, outputGain, channelMappingFamily, channelMapping };
}

/** The header as bytes. `readOpusHead` gives the same value again. */
export function writeOpusHead(head: OpusHead): Uint8Array {
  const w = new ByteWriter(32);
  w.ascii("OpusHead");
  w.u8(1);
  w.u8(head.channelCount);
  w.u16(swap16(head.preSkip));
  w.u32le(head.inputSampleRate);
  w.u16(swap16(head.outputGain & 0xffff));
  w.u8(head.channelMappingFamily);
  w.put(head.channelMapping);
  return w.toBytes();
}

/** The header for a sender that gives none: mono or stereo. */
export function plainOpusHead(channelCount: number): Uint8Array {
  const none = new Uint8Array(0);
  const head = { channelCount, preSkip: 0, inputSampleRate: OPUS_SAMPLE_RATE, outputGain: 0 };
  return writeOpusHead({ ...head, channelMappingFamily: 0, channelMapping: none });
}

/** The numbers of an OpusHead are little-endian. */
function swap16(value: number): number {
  return ((value & 0xff) << 8) | (value >> 8);
}
