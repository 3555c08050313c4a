import { ByteGatherer } from "./byte-gatherer.ts";
import type { MediaReader } from "./media-reader.ts";
import type { MediaTally } from "./media-tally.ts";

const FILE_HEADER_BYTES = 13;
const TAG_HEADER_BYTES = 11;
const PREVIOUS_TAG_SIZE_BYTES = 4;
const AUDIO = 8;
const VIDEO = 9;
const SCRIPT = 18;
const AAC = 10;
const KEY_FRAME = 1;

/**
 * Reads FLV for measuring, Adobe FLV 10.1 annex E. Strict, and nothing that the server writes FLV with: a fault of the server must not
 * be mirrored here. After a framing error the rest is ignored.
 */
export class FlvReader implements MediaReader {
  readonly #tally: MediaTally;
  readonly #gatherer = new ByteGatherer();
  #hasHeader = false;
  #isBroken = false;

  constructor(tally: MediaTally) {
    this.#tally = tally;
  }

  push(bytes: Uint8Array): void {
    if (this.#isBroken) return;
    this.#gatherer.push(bytes);
    while (!this.#isBroken && this.#readOne());
  }

  #readOne(): boolean {
    const held = this.#gatherer.held;
    if (!this.#hasHeader) return this.#readFileHeader(held);
    if (held.length < TAG_HEADER_BYTES) return false;
    const type = held[0]! & 0x1f;
    if (type !== AUDIO && type !== VIDEO && type !== SCRIPT) return this.#break(`flv: tag type ${type}`);
    const size = (held[1]! << 16) | (held[2]! << 8) | held[3]!;
    const end = TAG_HEADER_BYTES + size;
    if (held.length < end + PREVIOUS_TAG_SIZE_BYTES) return false;
    const timestamp = ((held[7]! << 24) | (held[4]! << 16) | (held[5]! << 8) | held[6]!) >>> 0;
    if (u32At(held, end) !== end) this.#tally.framingError("flv: PreviousTagSize");
    readFlvBody(type, timestamp, held.subarray(TAG_HEADER_BYTES, end), this.#tally);
    this.#gatherer.drop(end + PREVIOUS_TAG_SIZE_BYTES);
    return true;
  }

  #readFileHeader(held: Uint8Array): boolean {
    if (held.length < FILE_HEADER_BYTES) return false;
    const isFlv = held[0] === 0x46 && held[1] === 0x4c && held[2] === 0x56 && held[3] === 1;
    if (!isFlv || u32At(held, 5) !== 9 || u32At(held, 9) !== 0) return this.#break("flv: file header");
    this.#hasHeader = true;
    this.#gatherer.drop(FILE_HEADER_BYTES);
    return true;
  }

  #break(what: string): false {
    this.#tally.framingError(what);
    this.#isBroken = true;
    return false;
  }
}

/** Tells the tally of an FLV tag or RTMP message: frames, not decoder configurations. Legacy and Enhanced RTMP headers. */
export function readFlvBody(type: number, timestamp: number, body: Uint8Array, tally: MediaTally): void {
  const first = body[0];
  const second = body[1];
  if (first === undefined || second === undefined) return;
  if (type === AUDIO) {
    if (first >> 4 === AAC && second === 0) return;
    tally.frame("audio", timestamp, true, body);
  } else if (type === VIDEO) {
    const isEnhanced = (first & 0x80) !== 0;
    const packetType = isEnhanced ? first & 0x0f : second;
    const isCoded = isEnhanced ? packetType === 1 || packetType === 3 : packetType === 1;
    if (isCoded) tally.frame("video", timestamp, ((first >> 4) & 7) === KEY_FRAME, body);
  }
}

function u32At(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
}
