import { ProtocolError } from "../../base/media-error.ts";

/** Chunk types ("fmt"), by what the header says: all of it, all but the message stream id, only the time, nothing. RTMP 1.0 §5.3.1.2. */
export const CHUNK_TYPE = { full: 0, sameStream: 1, sameLength: 2, same: 3 } as const;

/** Bytes of the message header, by chunk type. */
export const HEADER_BYTES = [11, 7, 3, 0] as const;
/** 3 of the chunk stream id, 11 of the message header, 4 of the extended timestamp. */
export const MAX_HEADER_BYTES = 18;
/** In the 24-bit timestamp field: the time is in the 4 bytes behind the header. */
export const EXTENDED_TIMESTAMP = 0xffffff;
/** Bytes of an extended timestamp; `unknown` until more have arrived. */
export const EXTENDED = { none: 0, present: 4, unknown: -1 } as const;

const EMPTY = new Uint8Array(0);

const u24 = (b: Uint8Array, at: number): number => (b[at]! << 16) | (b[at + 1]! << 8) | b[at + 2]!;
const u32 = (b: Uint8Array, at: number): number => ((b[at]! << 24) | (b[at + 1]! << 16) | (b[at + 2]! << 8) | b[at + 3]!) >>> 0;

/** True when the bytes from `at` to `end` (at most 4) are how `value` begins as a 32-bit number. */
function isPrefix(value: number, bytes: Uint8Array, at: number, end: number): boolean {
  for (let i = 0; at + i < end; i++) if (bytes[at + i] !== ((value >>> (24 - 8 * i)) & 0xff)) return false;
  return true;
}

/** What a chunk stream remembers: its last header, and the part of a message that has arrived. */
export class ChunkStream {
  readonly id: number;
  timestamp = 0;
  length = 0;
  messageType = 0;
  streamId = 0;
  /** Bytes of the current message that are in `buffer`; 0 also means that the next chunk begins a message. */
  filled = 0;
  buffer: Uint8Array = EMPTY;
  /** The timestamp field as it was sent: absolute in a type 0 header, else a delta; a type 3 chunk repeats it. */
  #field = 0;
  #isExtended = false;

  constructor(id: number) {
    this.id = id;
  }

  /**
   * How many bytes of extended timestamp begin at `at`, of which those before `end` have arrived (at most 4); `header` is where the message
   * header is. Type 3 chunks repeat the field of their message (§5.3.1.3), but some encoders leave it out and others send the absolute
   * time: it is there when it is one of the two.
   */
  measureExtended(type: number, bytes: Uint8Array, at: number, end: number, header: number): number {
    if (type !== CHUNK_TYPE.same) {
      if (u24(bytes, header) !== EXTENDED_TIMESTAMP) return EXTENDED.none;
    } else {
      if (!this.#isExtended) return EXTENDED.none;
      if (!isPrefix(this.#field, bytes, at, end) && !isPrefix(this.timestamp, bytes, at, end)) return EXTENDED.none;
    }
    return end - at < 4 ? EXTENDED.unknown : EXTENDED.present;
  }

  /**
   * Takes the message header at `at`, and `extendedBytes` behind it. In the middle of a message only a header that says the same message
   * again is taken, else the memory for it could be made to follow the peer's wishes.
   */
  readHeader(type: number, bytes: Uint8Array, at: number, extendedBytes: number): void {
    if (this.filled > 0) {
      if (type <= CHUNK_TYPE.sameStream) this.#checkSameMessage(u24(bytes, at + 3), bytes[at + 6]!);
      return;
    }
    if (type <= CHUNK_TYPE.sameStream) {
      this.length = u24(bytes, at + 3);
      this.messageType = bytes[at + 6]!;
    }
    if (type === CHUNK_TYPE.full) {
      const s = at + 7; // little-endian, unlike all the rest
      this.streamId = (bytes[s]! | (bytes[s + 1]! << 8) | (bytes[s + 2]! << 16) | (bytes[s + 3]! << 24)) >>> 0;
    }
    if (type !== CHUNK_TYPE.same) {
      this.#isExtended = extendedBytes > 0;
      this.#field = extendedBytes > 0 ? u32(bytes, at + HEADER_BYTES[type as 0 | 1 | 2]) : u24(bytes, at);
    }
    // A type 3 chunk that begins a message after a type 0 one adds that absolute time as if it were a delta: §5.3.1.2.4, and ffmpeg does.
    this.timestamp = type === CHUNK_TYPE.full ? this.#field : (this.timestamp + this.#field) >>> 0;
  }

  #checkSameMessage(length: number, messageType: number): void {
    if (length === this.length && messageType === this.messageType) return;
    throw new ProtocolError(
      `rtmp: chunk stream ${this.id} changes a message of type ${this.messageType}, ${this.length} bytes ` +
        `into one of type ${messageType}, ${length} bytes after ${this.filled} bytes of it`,
    );
  }

  append(bytes: Uint8Array, start: number, end: number): void {
    this.buffer.set(bytes.subarray(start, end), this.filled);
    this.filled += end - start;
  }

  grow(capacity: number): void {
    const larger = new Uint8Array(capacity);
    larger.set(this.buffer.subarray(0, this.filled));
    this.buffer = larger;
  }

  /** Lets the buffer go and says how large it was. */
  release(): number {
    const capacity = this.buffer.length;
    this.buffer = EMPTY;
    return capacity;
  }
}
