import { assert } from "../base/assert.ts";

/**
 * Bytes that arrived in pieces and are not read yet. `take` gives a view when one piece holds the answer, one copy across a border.
 * Pieces are kept as given: whoever pushes must not write into them again.
 */
export class ChunkList {
  readonly #chunks: Uint8Array[] = [];
  #first = 0;
  #offset = 0;
  #length = 0;

  /** Bytes not read yet. */
  get length(): number {
    return this.#length;
  }

  push(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    this.#chunks.push(chunk);
    this.#length += chunk.length;
  }

  take(length: number): Uint8Array {
    assert(length <= this.#length, `take ${length} of ${this.#length} bytes`);
    if (length === 0) return EMPTY;
    const head = this.#chunks[this.#first]!;
    const end = this.#offset + length;
    if (end > head.length) return this.#join(length);
    const view = head.subarray(this.#offset, end);
    this.#consume(length);
    return view;
  }

  /** Copies `target.length` bytes out. */
  #join(length: number): Uint8Array {
    const joined = new Uint8Array(length);
    for (let filled = 0; filled < length; ) {
      const head = this.#chunks[this.#first]!;
      const part = head.subarray(this.#offset, Math.min(head.length, this.#offset + length - filled));
      joined.set(part, filled);
      filled += part.length;
      this.#consume(part.length);
    }
    return joined;
  }

  #consume(length: number): void {
    this.#offset += length;
    this.#length -= length;
    if (this.#offset < this.#chunks[this.#first]!.length) return;
    this.#offset = 0;
    this.#first++;
    if (this.#first === this.#chunks.length) {
      this.#chunks.length = this.#first = 0;
    } else if (this.#first >= 64) {
      this.#chunks.splice(0, this.#first);
      this.#first = 0;
    }
  }
}

const EMPTY = new Uint8Array(0);
