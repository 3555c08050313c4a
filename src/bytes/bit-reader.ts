import { FormatError } from "./format-error.ts";

/** Reads bits, most significant first. For parameter sets and configuration records, not for the per-frame path. */
export class BitReader {
  readonly bytes: Uint8Array;
  readonly format: string;
  /** Position in bits. */
  offset = 0;

  constructor(bytes: Uint8Array, format: string) {
    this.bytes = bytes;
    this.format = format;
  }

  get remaining(): number {
    return this.bytes.length * 8 - this.offset;
  }

  /** The next bit, 0 or 1. */
  bit(): number {
    if (this.remaining < 1) throw new FormatError(`${this.format}: need 1 bit, have 0 at bit ${this.offset}`);
    const byte = this.bytes[this.offset >> 3]!;
    return (byte >> (7 - (this.offset++ & 7))) & 1;
  }

  flag(): boolean {
    return this.bit() === 1;
  }

  /** The next `count` bits, at most 32, as an unsigned number: u(n). */
  bits(count: number): number {
    if (count > this.remaining)
      throw new FormatError(`${this.format}: need ${count} bits, have ${this.remaining} at bit ${this.offset}`);
    let value = 0;
    for (let i = 0; i < count; i++) value = value * 2 + this.bit();
    return value;
  }

  skip(count: number): void {
    if (count > this.remaining)
      throw new FormatError(`${this.format}: need ${count} bits, have ${this.remaining} at bit ${this.offset}`);
    this.offset += count;
  }

  /** ue(v): unsigned Exp-Golomb, ISO/IEC 14496-10 §9.1. */
  ue(): number {
    let zeros = 0;
    while (this.bit() === 0)
      if (++zeros > 31) throw new FormatError(`${this.format}: Exp-Golomb code above 32 bits at bit ${this.offset}`);
    return 2 ** zeros - 1 + this.bits(zeros);
  }

  /** se(v): signed Exp-Golomb, ISO/IEC 14496-10 §9.1.1. */
  se(): number {
    const code = this.ue();
    return code % 2 === 0 ? -code / 2 : (code + 1) / 2;
  }
}
