import { assert } from "../base/assert.ts";

/**
 * Writes bytes, big-endian unless the name says otherwise. Over a buffer of its own it grows; over a given one (`ByteWriter.over`)
 * writing past the end is a bug of ours and fails an assertion, so callers ask for an upper bound first.
 */
export class ByteWriter {
  bytes: Uint8Array;
  offset: number;
  readonly #mayGrow: boolean;

  constructor(capacity = 256) {
    this.bytes = new Uint8Array(capacity);
    this.offset = 0;
    this.#mayGrow = true;
  }

  /** Writes into `bytes` from `offset`; never grows, never allocates. */
  static over(bytes: Uint8Array, offset = 0): ByteWriter {
    return new FixedByteWriter(bytes, offset);
  }

  protected get mayGrow(): boolean {
    return this.#mayGrow;
  }

  /** A view of what was written; valid until the next write. */
  written(): Uint8Array {
    return this.bytes.subarray(0, this.offset);
  }

  /** A copy of what was written, owned by the caller. */
  toBytes(): Uint8Array {
    return this.bytes.slice(0, this.offset);
  }

  u8(value: number): void {
    const at = this.#advance(1);
    this.bytes[at] = value;
  }

  u16(value: number): void {
    const at = this.#advance(2);
    this.bytes[at] = value >>> 8;
    this.bytes[at + 1] = value;
  }

  u24(value: number): void {
    const at = this.#advance(3);
    this.bytes[at] = value >>> 16;
    this.bytes[at + 1] = value >>> 8;
    this.bytes[at + 2] = value;
  }

  u32(value: number): void {
    this.patchU32(this.#advance(4), value);
  }

  u32le(value: number): void {
    const at = this.#advance(4);
    this.bytes[at] = value;
    this.bytes[at + 1] = value >>> 8;
    this.bytes[at + 2] = value >>> 16;
    this.bytes[at + 3] = value >>> 24;
  }

  u64(value: number): void {
    this.u32(Math.floor(value / 0x1_0000_0000));
    this.u32(value >>> 0);
  }

  f64(value: number): void {
    const at = this.#advance(8);
    new DataView(this.bytes.buffer, this.bytes.byteOffset + at, 8).setFloat64(0, value);
  }

  ascii(text: string): void {
    const at = this.#advance(text.length);
    for (let i = 0; i < text.length; i++) this.bytes[at + i] = text.charCodeAt(i);
  }

  /** Copies `source` in. */
  put(source: Uint8Array): void {
    const at = this.#advance(source.length); // first: growing replaces `bytes`
    this.bytes.set(source, at);
  }

  /** `length` times the same byte. */
  fill(value: number, length: number): void {
    const at = this.#advance(length);
    this.bytes.fill(value, at, at + length);
  }

  patchU32(at: number, value: number): void {
    this.bytes[at] = value >>> 24;
    this.bytes[at + 1] = value >>> 16;
    this.bytes[at + 2] = value >>> 8;
    this.bytes[at + 3] = value;
  }

  patchU24(at: number, value: number): void {
    this.bytes[at] = value >>> 16;
    this.bytes[at + 1] = value >>> 8;
    this.bytes[at + 2] = value;
  }

  #advance(length: number): number {
    const at = this.offset;
    const end = at + length;
    if (end > this.bytes.length) this.#grow(end);
    this.offset = end;
    return at;
  }

  #grow(needed: number): void {
    assert(this.mayGrow, `a fixed writer of ${this.bytes.length} bytes was asked for ${needed}`);
    const larger = new Uint8Array(Math.max(needed, this.bytes.length * 2));
    larger.set(this.bytes.subarray(0, this.offset));
    this.bytes = larger;
  }
}

class FixedByteWriter extends ByteWriter {
  constructor(bytes: Uint8Array, offset: number) {
    super(0);
    this.bytes = bytes;
    this.offset = offset;
  }

  protected override get mayGrow(): boolean {
    return false;
  }
}
