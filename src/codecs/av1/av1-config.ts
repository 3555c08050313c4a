import { ByteReader } from "../../bytes/byte-reader.ts";
import { FormatError } from "../../bytes/format-error.ts";

/** AV1CodecConfigurationRecord. AV1-ISOBMFF §2.3.3. */
export interface Av1Config {
  readonly seqProfile: number;
  readonly seqLevelIdx0: number;
  readonly seqTier0: number;
  /** 8, 10 or 12. */
  readonly bitDepth: number;
  readonly monochrome: boolean;
  readonly chromaSubsamplingX: number;
  readonly chromaSubsamplingY: number;
  readonly chromaSamplePosition: number;
  /** OBUs, usually the sequence header; a view into the record that was read. */
  readonly configObus: Uint8Array;
}

/** Reads an "av1C" record. Throws FormatError when it is too short or another version. */
export function readAv1Config(record: Uint8Array): Av1Config {
  const reader = new ByteReader(record, "av1C");
  const head = reader.u8();
  if (head !== 0x81) throw new FormatError(`av1C: marker and version 0x${head.toString(16)}, not 0x81`);
  const profile = reader.u8();
  const flags = reader.u8();
  reader.skip(1); // initial_presentation_delay
  const highBitdepth = (flags & 0x40) !== 0;
  const twelveBit = (flags & 0x20) !== 0;
  return {
    seqProfile: profile >> 5,
    seqLevelIdx0: profile & 0x1f,
    seqTier0: flags >> 7,
    bitDepth: highBitdepth ? (twelveBit ? 12 : 10) : 8,
    monochrome: (flags & 0x10) !== 0,
    chromaSubsamplingX: (flags >> 3) & 1,
    chromaSubsamplingY: (flags >> 2) & 1,
    chromaSamplePosition: flags & 3,
    configObus: reader.rest(),
  };
}

/**
 * The record for an AV1 video descriptor of MPEG-2 TS (AV1-MPEG2-TS §2.2): behind its tag and length the same fields, with the HDR
 * indication in the upper bits of the last byte. Throws FormatError when it is no such descriptor.
 */
export function av1ConfigOfDescriptor(descriptor: Uint8Array): Uint8Array {
  const reader = new ByteReader(descriptor, "av1 descriptor");
  const tag = reader.u8();
  if (tag !== 0x80) throw new FormatError(`av1 descriptor: tag 0x${tag.toString(16)}, not 0x80`);
  const record = reader.take(reader.u8()).slice(0, 4);
  if (record.length < 4) throw new FormatError(`av1 descriptor: need 4 bytes, have ${record.length}`);
  record[3] = record[3]! & 0x1f;
  return record;
}
