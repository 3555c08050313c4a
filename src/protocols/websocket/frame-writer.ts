import { assert } from "../../base/assert.ts";
import { ByteWriter } from "../../bytes/byte-writer.ts";
import { isSendableCloseCode } from "./close-code.ts";
import { applyMask } from "./mask.ts";
import { CONTROL_BIT, MAX_CONTROL_BYTES, OPCODE_CLOSE } from "./opcode.ts";

/** Bytes of the header in front of `payloadLength` bytes. RFC 6455 §5.2. */
export function frameHeaderBytes(payloadLength: number, isMasked = false): number {
  return (payloadLength < 126 ? 2 : payloadLength < 65536 ? 4 : 10) + (isMasked ? 4 : 0);
}

/**
 * Writes the header of a frame whose payload of `payloadLength` bytes follows. With `mask` (4 random bytes, a client's duty, §5.3)
 * the payload must be masked by the caller (`applyMask`); a server sends none. `isFinal` false leaves the message open.
 */
export function writeFrameHeader(w: ByteWriter, opcode: number, payloadLength: number, mask?: Uint8Array, isFinal = true): void {
  const masked = mask === undefined ? 0 : 0x80;
  w.u8((isFinal ? 0x80 : 0) | opcode);
  if (payloadLength < 126) w.u8(masked | payloadLength);
  else if (payloadLength < 65536) {
    w.u8(masked | 126);
    w.u16(payloadLength);
  } else {
    w.u8(masked | 127);
    w.u64(payloadLength);
  }
  if (mask !== undefined) w.put(mask);
}

/** A whole frame with a copy of `payload`, masked when `mask` is given. For control frames and clients; a server's media goes behind a header. */
export function writeFrame(opcode: number, payload: Uint8Array, mask?: Uint8Array): Uint8Array {
  assert(!(opcode & CONTROL_BIT) || payload.length <= MAX_CONTROL_BYTES, "a control frame holds at most 125 bytes");
  const w = new ByteWriter(frameHeaderBytes(payload.length, mask !== undefined) + payload.length);
  writeFrameHeader(w, opcode, payload.length, mask);
  const start = w.offset;
  w.put(payload);
  if (mask !== undefined) applyMask(w.bytes.subarray(start, w.offset), mask);
  return w.written();
}

/** A close frame. The reason is cut to the 123 bytes that fit, between characters. §5.5.1. */
export function writeCloseFrame(code: number, reason: string, mask?: Uint8Array): Uint8Array {
  assert(isSendableCloseCode(code), `close code ${code} may not be sent`);
  const payload = new Uint8Array(MAX_CONTROL_BYTES);
  payload[0] = code >>> 8;
  payload[1] = code;
  const { written } = new TextEncoder().encodeInto(reason, payload.subarray(2));
  return writeFrame(OPCODE_CLOSE, payload.subarray(0, 2 + written), mask);
}
