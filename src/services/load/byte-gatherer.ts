/** Bytes of units that are not complete: grows to the largest unit, moves what is left to the front. */
export class ByteGatherer {
  #bytes = new Uint8Array(4096);
  #start = 0;
  #end = 0;

  /** A view of what is held; valid until the next `push`. */
  get held(): Uint8Array {
    return this.#bytes.subarray(this.#start, this.#end);
  }

  push(bytes: Uint8Array): void {
    if (this.#start > 0) this.#bytes.copyWithin(0, this.#start, this.#end);
    this.#end -= this.#start;
    this.#start = 0;
    const needed = this.#end + bytes.length;
    if (needed > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
      larger.set(this.#bytes.subarray(0, this.#end));
      this.#bytes = larger;
    }
    this.#bytes.set(bytes, this.#end);
    this.#end = needed;
  }

  drop(length: number): void {
    this.#start += length;
  }
}
