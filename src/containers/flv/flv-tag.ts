import type { ByteWriter } from "../../bytes/byte-writer.ts";

/** Tag types, and RTMP's message types for the same bodies. */
export const FLV_AUDIO = 8;
export const FLV_VIDEO = 9;
export const FLV_SCRIPT = 18;
export type FlvTagType = typeof FLV_AUDIO | typeof FLV_VIDEO | typeof FLV_SCRIPT;

/** The unit of FLV, and an RTMP message of the same type. */
export interface FlvTag {
  readonly type: FlvTagType;
  /** Milliseconds, 32 bits; wraps. */
  readonly timestamp: number;
  /** The body. A view, valid while the tag is handed over. */
  readonly data: Uint8Array;
}

/** The file header with PreviousTagSize0. */
export const FLV_HEADER_BYTES = 13;
export const FLV_TAG_HEADER_BYTES = 11;
/** What a tag has beside its body: header and PreviousTagSize. */
export const FLV_TAG_OVERHEAD_BYTES = FLV_TAG_HEADER_BYTES + 4;
/** DataSize has 24 bits. */
export const MAX_FLV_BODY_BYTES = 0xffffff;

/** Writes the file header and PreviousTagSize0. Adobe FLV 10.1, annex E.2. */
export function writeFlvHeader(w: ByteWriter, hasVideo: boolean, hasAudio: boolean): void {
  w.ascii("FLV");
  w.u8(1);
  w.u8((hasAudio ? 4 : 0) | (hasVideo ? 1 : 0));
  w.u32(9);
  w.u32(0);
}

/** Writes the 11 bytes before a body of `bodyBytes`; `writeTagEnd` follows the body. Annex E.4.1. */
export function writeTagHeader(w: ByteWriter, type: FlvTagType, timestamp: number, bodyBytes: number): void {
  w.u8(type);
  w.u24(bodyBytes);
  w.u24(timestamp & 0xffffff);
  w.u8(Math.floor(timestamp / 0x1000000)); // TimestampExtended: the high byte
  w.u24(0); // StreamID
}

/** Writes PreviousTagSize. */
export function writeTagEnd(w: ByteWriter, bodyBytes: number): void {
  w.u32(FLV_TAG_HEADER_BYTES + bodyBytes);
}

/** Writes a whole tag. The body is copied. */
export function writeFlvTag(w: ByteWriter, tag: FlvTag): void {
  writeTagHeader(w, tag.type, tag.timestamp, tag.data.length);
  w.put(tag.data);
  writeTagEnd(w, tag.data.length);
}
