import type { ByteWriter } from "../../bytes/byte-writer.ts";
import { CHUNK_TYPE, EXTENDED_TIMESTAMP, HEADER_BYTES } from "./chunk-stream.ts";

const EXTENDED_BYTES = 4;

export interface MessageHeader {
  /** 2…63: ids that fit one byte; we use no others. */
  readonly chunkStreamId: number;
  readonly type: number;
  readonly streamId: number;
  /** ms, uint32. */
  readonly timestamp: number;
}

/** How many bytes a message of `length` bytes is at most, cut into chunks. */
export function maxChunkedBytes(length: number, chunkSize: number): number {
  const chunks = Math.max(1, Math.ceil(length / chunkSize));
  return chunks * (1 + EXTENDED_BYTES) + HEADER_BYTES[CHUNK_TYPE.full] + length;
}

/** Writes a message of its own: a type 0 chunk and as many of type 3 as it takes. The payload is copied. RTMP 1.0 §5.3. */
export function writeMessage(w: ByteWriter, header: MessageHeader, payload: Uint8Array, chunkSize: number): void {
  writeMessageHeader(w, header, payload.length);
  const start = w.offset;
  w.put(payload);
  splitIntoChunks(w, start, header, chunkSize);
}

/** Writes the header of a type 0 chunk that begins a message of `length` bytes. The body comes next, then `splitIntoChunks`. */
export function writeMessageHeader(w: ByteWriter, header: MessageHeader, length: number): void {
  const isExtended = header.timestamp >= EXTENDED_TIMESTAMP;
  w.u8(header.chunkStreamId); // type 0 in the upper two bits
  w.u24(isExtended ? EXTENDED_TIMESTAMP : header.timestamp);
  w.u24(length);
  w.u8(header.type);
  w.u32le(header.streamId);
  if (isExtended) w.u32(header.timestamp);
}

/**
 * Puts a type 3 header before every chunk but the first of the body that was written from `start` to the writer's end, moving the bytes
 * behind it. Most messages are one chunk and nothing moves.
 */
export function splitIntoChunks(w: ByteWriter, start: number, header: MessageHeader, chunkSize: number): void {
  const length = w.offset - start;
  const extraChunks = Math.ceil(length / chunkSize) - 1;
  if (extraChunks <= 0) return;
  const isExtended = header.timestamp >= EXTENDED_TIMESTAMP;
  const headerBytes = isExtended ? 1 + EXTENDED_BYTES : 1;
  w.fill(0, extraChunks * headerBytes);
  const { bytes } = w; // after fill, which may have replaced it
  for (let chunk = extraChunks; chunk > 0; chunk--) {
    const from = start + chunk * chunkSize;
    const to = from + chunk * headerBytes;
    bytes.copyWithin(to, from, Math.min(from + chunkSize, start + length));
    bytes[to - headerBytes] = (CHUNK_TYPE.same << 6) | header.chunkStreamId;
    if (isExtended) w.patchU32(to - EXTENDED_BYTES, header.timestamp);
  }
}
