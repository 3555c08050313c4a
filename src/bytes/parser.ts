import { LimitError } from "../base/media-error.ts";
import { ChunkList } from "./chunk-list.ts";

/** An incremental grammar: it yields how many bytes it needs and gets exactly that many, as a view that holds until its next yield. */
export type Parser = Generator<number, void, Uint8Array>;

/**
 * Feeds a `Parser` from a transport. Asks above `maxAskBytes` are refused with a LimitError, so what waits for an answer
 * is never more than that. A parser that returns has read all it wants: what is left is in `rest`.
 */
export class ParserDriver {
  readonly #parser: Parser;
  readonly #format: string;
  readonly #maxAskBytes: number;
  readonly #chunks = new ChunkList();
  #ask: number;
  #done = false;

  constructor(parser: Parser, options: { format: string; maxAskBytes: number }) {
    this.#parser = parser;
    this.#format = options.format;
    this.#maxAskBytes = options.maxAskBytes;
    this.#ask = this.#check(parser.next());
  }

  /** True once the grammar has ended. */
  get isDone(): boolean {
    return this.#done;
  }

  /** Bytes that wait for the rest of an answer. */
  get bufferedBytes(): number {
    return this.#chunks.length;
  }

  /** Takes `bytes` (not to be written again by the caller) and runs the grammar as far as they reach. Throws what the grammar throws. */
  push(bytes: Uint8Array): void {
    this.#chunks.push(bytes);
    while (!this.#done && this.#chunks.length >= this.#ask)
      this.#ask = this.#check(this.#parser.next(this.#chunks.take(this.#ask)));
  }

  /** What came after the end of the grammar. */
  rest(): Uint8Array {
    return this.#chunks.take(this.#chunks.length);
  }

  #check(step: IteratorResult<number, void>): number {
    if (step.done) {
      this.#done = true;
      return 0;
    }
    if (step.value > this.#maxAskBytes) {
      throw new LimitError(`${this.#format}: a unit of ${step.value} bytes is above the limit of ${this.#maxAskBytes}`);
    }
    return step.value;
  }
}
