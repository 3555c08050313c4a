import { FormatError } from "./format-error.ts";

/**
 * A cursor over bytes, big-endian unless the name says otherwise. Every read checks the end and throws
 * `FormatError("avcc: need 256 bytes, have 1 at byte 4")`; `take` and `rest` give views, nothing is copied.
 */
export class ByteReader {
  readonly bytes: Uint8Array;
  /** Named in error messages: `flv`, `amf0`. */
  readonly format: string;
  offset = 0;

  constructor(bytes: Uint8Array, format: string) {
    this.bytes = bytes;
    this.format = format;
  }

  get remaining(): number {
    return this.bytes.length - this.offset;
  }

  u8(): number {
    return this.bytes[this.#advance(1)]!;
  }

  u16(): number {
    const at = this.#advance(2);
    return (this.bytes[at]! << 8) | this.bytes[at + 1]!;
  }

  u24(): number {
    const at = this.#advance(3);
    return (this.bytes[at]! << 16) | (this.bytes[at + 1]! << 8) | this.bytes[at + 2]!;
  }

  u32(): number {
    const at = this.#advance(4);
    const b = this.bytes;
    return ((b[at]! << 24) | (b[at + 1]! << 16) | (b[at + 2]! << 8) | b[at + 3]!) >>> 0;
  }

  u32le(): number {
    const at = this.#advance(4);
    const b = this.bytes;
    return ((b[at + 3]! << 24) | (b[at + 2]! << 16) | (b[at + 1]! << 8) | b[at]!) >>> 0;
  }

  /** Signed 24 bits, as FLV's composition time offset. */
  i24(): number {
    return (this.u24() << 8) >> 8;
  }

  i16(): number {
    return (this.u16() << 16) >> 16;
  }

  i32(): number {
    return this.u32() | 0;
  }

  /** A 64-bit unsigned integer as a number; above 2^53 − 1 it is a FormatError. */
  u64(): number {
    const high = this.u32();
    const low = this.u32();
    if (high > 0x1fffff) throw new FormatError(`${this.format}: 64-bit number above 2^53 at byte ${this.offset - 8}`);
    return high * 0x1_0000_0000 + low;
  }

  f64(): number {
    const at = this.#advance(8);
    return new DataView(this.bytes.buffer, this.bytes.byteOffset + at, 8).getFloat64(0);
  }

  /** An unsigned integer of 1 to 4 bytes. */
  uint(size: 1 | 2 | 3 | 4): number {
    if (size === 4) return this.u32();
    if (size === 3) return this.u24();
    return size === 2 ? this.u16() : this.u8();
  }

  /** A view of the next `length` bytes. */
  take(length: number): Uint8Array {
    const at = this.#advance(length);
    return this.bytes.subarray(at, at + length);
  }

  /** A view of everything left. */
  rest(): Uint8Array {
    return this.take(this.remaining);
  }

  skip(length: number): void {
    this.#advance(length);
  }

  /** `length` bytes as ASCII text, for four-character codes. */
  ascii(length: number): string {
    return String.fromCharCode(...this.take(length));
  }

  #advance(length: number): number {
    const at = this.offset;
    if (length < 0 || length > this.bytes.length - at) {
      throw new FormatError(`${this.format}: need ${length} bytes, have ${this.bytes.length - at} at byte ${at}`);
    }
    this.offset = at + length;
    return at;
  }
}
