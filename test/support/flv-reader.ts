/** A tag as it lies in an FLV stream. */
export interface Tag {
  /** 8 audio, 9 video, 18 script data. */
  readonly type: number;
  /** ms, uint32. */
  readonly timestamp: number;
  readonly data: Uint8Array;
}

const FILE_HEADER_BYTES = 9;
const TAG_HEADER_BYTES = 11;
const PREVIOUS_TAG_SIZE_BYTES = 4;

/** Reads FLV strictly and simply: what judges the server shares no code with it. Throws Error on anything that is not as it must be. */
export class FlvReader {
  hasAudio = false;
  hasVideo = false;
  readonly #take: (tag: Tag) => void;
  #held = Buffer.alloc(0);
  #hasHeader = false;

  constructor(take: (tag: Tag) => void) {
    this.#take = take;
  }

  /** Bytes of a tag that is not complete. */
  get heldBytes(): number {
    return this.#held.length;
  }

  push(bytes: Uint8Array): void {
    this.#held = Buffer.concat([this.#held, bytes]);
    if (!this.#hasHeader && !this.#readHeader()) return;
    while (this.#readTag());
  }

  #readHeader(): boolean {
    const held = this.#held;
    if (held.length < FILE_HEADER_BYTES + PREVIOUS_TAG_SIZE_BYTES) return false;
    if (held.toString("latin1", 0, 3) !== "FLV" || held[3] !== 1) throw new Error("no FLV header");
    if (held.readUInt32BE(5) !== FILE_HEADER_BYTES) throw new Error("FLV header of an unusual length");
    if (held.readUInt32BE(FILE_HEADER_BYTES) !== 0) throw new Error("the first PreviousTagSize is not 0");
    this.hasAudio = (held[4]! & 4) !== 0;
    this.hasVideo = (held[4]! & 1) !== 0;
    this.#held = held.subarray(FILE_HEADER_BYTES + PREVIOUS_TAG_SIZE_BYTES);
    this.#hasHeader = true;
    return true;
  }

  #readTag(): boolean {
    const held = this.#held;
    if (held.length < TAG_HEADER_BYTES) return false;
    const size = held.readUIntBE(1, 3);
    const whole = TAG_HEADER_BYTES + size + PREVIOUS_TAG_SIZE_BYTES;
    if (held.length < whole) return false;
    const type = held[0]!;
    if (type !== 8 && type !== 9 && type !== 18) throw new Error(`FLV tag of type ${type}`);
    const timestamp = (held.readUIntBE(4, 3) | (held[7]! << 24)) >>> 0;
    if (held.readUIntBE(8, 3) !== 0) throw new Error("FLV tag with a stream id");
    const previousTagSize = held.readUInt32BE(TAG_HEADER_BYTES + size);
    if (previousTagSize !== TAG_HEADER_BYTES + size) throw new Error(`PreviousTagSize ${previousTagSize} after ${size} bytes`);
    const data = Uint8Array.from(held.subarray(TAG_HEADER_BYTES, TAG_HEADER_BYTES + size));
    this.#held = held.subarray(whole);
    this.#take({ type, timestamp, data });
    return true;
  }
}

/** All tags of a whole file. */
export function readFlv(bytes: Uint8Array): Tag[] {
  const tags: Tag[] = [];
  const reader = new FlvReader((tag) => tags.push(tag));
  reader.push(bytes);
  if (reader.heldBytes > 0) throw new Error(`${reader.heldBytes} bytes behind the last tag`);
  return tags;
}

const VIDEO_FOUR_CC = 0x80;

/** What a tag is for: a decoder configuration, a frame that decoding can begin with, another frame, or script data. */
export function kindOf(tag: Tag): "config" | "key" | "delta" | "audio" | "script" | "end" {
  const [first = 0, second = 0] = tag.data;
  if (tag.type === 18) return "script";
  if (tag.type === 8) return audioKind(first, second);
  const isEnhanced = (first & VIDEO_FOUR_CC) !== 0;
  const packetType = isEnhanced ? first & 15 : second;
  if (packetType === 0) return "config";
  if (packetType === 2) return "end";
  return ((first >> 4) & 7) === 1 ? "key" : "delta";
}

function audioKind(first: number, second: number): "config" | "audio" {
  const format = first >> 4;
  if (format === 9) return (first & 15) === 0 ? "config" : "audio";
  return format === 10 && second === 0 ? "config" : "audio";
}

/** The frames of a kind: 8 audio, 9 video. */
export function framesOf(tags: readonly Tag[], type: 8 | 9): Tag[] {
  return tags.filter((tag) => tag.type === type && ["key", "delta", "audio"].includes(kindOf(tag)));
}
