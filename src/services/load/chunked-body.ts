import type { MediaReader } from "./media-reader.ts";
import type { MediaTally } from "./media-tally.ts";

const CR = 13;
const LF = 10;
const SEMICOLON = 59;
const MAX_CHUNK_BYTES = 1 << 30;

type State = "size" | "extension" | "data" | "data-end" | "last";

/** Takes the chunks of an HTTP/1.1 response off, RFC 9112 §7.1, and hands what they hold to a reader. Trailers are ignored. */
export class ChunkedBody implements MediaReader {
  readonly #next: MediaReader;
  readonly #tally: MediaTally;
  #state: State = "size";
  #left = 0;

  constructor(next: MediaReader, tally: MediaTally) {
    this.#next = next;
    this.#tally = tally;
  }

  push(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length && this.#state !== "last"; ) {
      if (this.#state === "data") at += this.#data(bytes, at);
      else this.#byte(bytes[at++]!);
    }
  }

  #data(bytes: Uint8Array, at: number): number {
    const length = Math.min(bytes.length - at, this.#left);
    this.#next.push(bytes.subarray(at, at + length));
    this.#left -= length;
    if (this.#left === 0) this.#state = "data-end";
    return length;
  }

  #byte(byte: number): void {
    if (this.#state === "data-end") this.#dataEnd(byte);
    else if (byte === LF) this.#state = this.#left > 0 ? "data" : "last";
    else if (this.#state === "extension" || byte === CR) return;
    else if (byte === SEMICOLON) this.#state = "extension";
    else this.#digit(byte);
  }

  #dataEnd(byte: number): void {
    if (byte === LF) this.#state = "size";
    else if (byte !== CR) this.#fail("http: no line end behind a chunk");
  }

  #digit(byte: number): void {
    const digit = Number.parseInt(String.fromCharCode(byte), 16);
    this.#left = this.#left * 16 + digit;
    if (!(this.#left <= MAX_CHUNK_BYTES)) this.#fail("http: chunk size");
  }

  #fail(what: string): void {
    this.#tally.framingError(what);
    this.#state = "last";
  }
}
