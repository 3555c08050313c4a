import type { ByteWriter } from "../../bytes/byte-writer.ts";
import { TS_PACKET_BYTES, TS_PAYLOAD_BYTES } from "./ts-packet.ts";

/**
 * Spreads the end of a PES packet over `extra` more packets (1…15), appended to `w`, one byte in each; `lastAt` and `previousAt` are the
 * last two packets with payload of the PID in `w`. The PES packet has at least 16 bytes.
 *
 * So a segment ends with 16·n packets on a PID, and the next one, which counts from 0 whoever makes it, continues the
 * continuity_counter, as RFC 8216 §3 wants. Stuffing is legal in any packet (ISO/IEC 13818-1 §2.4.3.5), packets without payload would
 * not count (§2.4.3.3), and padding inside the elementary stream is not possible for all codecs.
 */
export function spreadPayload(w: ByteWriter, previousAt: number, lastAt: number, extra: number): void {
  const { bytes } = w;
  const last = payloadOf(bytes, lastAt);
  let tail: Uint8Array;
  if (last.length > extra) {
    tail = last.slice(last.length - extra);
    shrinkPayload(bytes, lastAt, last.length - extra);
  } else {
    // Too few bytes in the last packet, so it is not the first of its PES packet, and the one before it is nearly full.
    const previous = payloadOf(bytes, previousAt);
    const moved = extra + 1 - last.length;
    const joined = new Uint8Array(extra + 1);
    joined.set(previous.subarray(previous.length - moved));
    joined.set(last, moved);
    shrinkPayload(bytes, previousAt, previous.length - moved);
    shrinkPayload(bytes, lastAt, 1);
    bytes[lastAt + TS_PACKET_BYTES - 1] = joined[0]!;
    tail = joined.subarray(1);
  }
  appendSingleBytes(w, lastAt, tail);
}

/** A view of the payload of the packet at `at`. */
function payloadOf(bytes: Uint8Array, at: number): Uint8Array {
  const field = bytes[at + 3]! & 0x20 ? 1 + bytes[at + 4]! : 0;
  return bytes.subarray(at + 4 + field, at + TS_PACKET_BYTES);
}

/** Leaves the first `length` bytes of a packet's payload, behind a longer adaptation field that keeps its flags and PCR. */
function shrinkPayload(bytes: Uint8Array, at: number, length: number): void {
  const body = at + 4;
  const start = at + TS_PACKET_BYTES - length;
  const before = TS_PAYLOAD_BYTES - payloadOf(bytes, at).length;
  bytes.copyWithin(start, body + before, body + before + length);
  bytes[at + 3]! |= 0x20; // there is an adaptation field
  bytes[body] = TS_PAYLOAD_BYTES - length - 1;
  if (before < 2 && start > body + 1) bytes[body + 1] = 0; // it had no flags
  bytes.fill(0xff, Math.min(start, body + Math.max(before, 2)), start);
}

/** A packet for each byte, counting on from the packet at `lastAt`. */
function appendSingleBytes(w: ByteWriter, lastAt: number, tail: Uint8Array): void {
  const pidHigh = w.bytes[lastAt + 1]! & 0x1f;
  const pidLow = w.bytes[lastAt + 2]!;
  let counter = w.bytes[lastAt + 3]! & 0x0f;
  for (const byte of tail) {
    counter = (counter + 1) & 0x0f;
    const at = w.offset;
    w.fill(0xff, TS_PACKET_BYTES);
    w.bytes.set([0x47, pidHigh, pidLow, 0x30 | counter, TS_PAYLOAD_BYTES - 2, 0], at);
    w.bytes[at + TS_PACKET_BYTES - 1] = byte;
  }
}
