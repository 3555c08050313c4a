import { parseRequestHead, type RequestHead } from "./request-head.ts";

/**
 * Gathers what a connection sends until the request head is complete. Holds at most `MAX_HEAD_BYTES` and the last piece; looks at
 * each byte once, however small the pieces are. A head in one piece is not copied.
 */
export class RequestHeadBuffer {
  #bytes: Uint8Array = new Uint8Array(0);
  #length = 0;
  #isOwn = false;

  /** Everything received so far, for a hand-over to another parser. A view; valid until the next `push`. */
  get received(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Takes `bytes` (not to be written again by the caller); the head, once it is complete. Throws what `parseRequestHead` throws. */
  push(bytes: Uint8Array): RequestHead | undefined {
    const looked = this.#length;
    if (looked === 0) {
      this.#bytes = bytes;
      this.#isOwn = false;
    } else {
      this.#reserve(looked + bytes.length);
      this.#bytes.set(bytes, looked);
    }
    this.#length = looked + bytes.length;
    return parseRequestHead(this.received, looked);
  }

  #reserve(capacity: number): void {
    if (this.#isOwn && capacity <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(capacity, this.#length * 2, 256));
    larger.set(this.received);
    this.#bytes = larger;
    this.#isOwn = true;
  }
}
