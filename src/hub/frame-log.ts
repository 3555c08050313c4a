/**
 * The frames of one stream in shared memory: one writer, any number of readers on any thread, nobody waits.
 *
 *   control  Int32   head │ tail │ newest GOP │ has a GOP
 *   index    ring of entries, one per frame or prologue: place, times, flags, segment marks
 *   data     ring of payloads, each contiguous
 *
 * Sequence numbers count entries over the life of the stream; shared memory holds their low 32 bits.
 * `tail` moves before bytes are overwritten, so a reader copies first and asks `isValid` afterwards (a seqlock).
 */
export interface SharedLog {
  readonly control: SharedArrayBuffer;
  readonly index: SharedArrayBuffer;
  readonly data: SharedArrayBuffer;
}

export const HEAD = 0;
export const TAIL = 1;
export const NEWEST_GOP = 2;
export const HAS_GOP = 3;
const CONTROL_WORDS = 4;

/** Layout of an index entry: first 64-bit numbers, then 32-bit ones. */
export const ENTRY_BYTES = 80;
export const ENTRY_F64 = ENTRY_BYTES / 8;
export const ENTRY_I32 = ENTRY_BYTES / 4;
export const F_OFFSET = 0;
export const F_DTS = 1;
export const F_PTS = 2;
export const F_ARRIVAL = 3;
export const F_TIME = 4;
export const I_SIZE = 10;
export const I_FLAGS = 11;
export const I_TRACK = 12;
export const I_NANOS = 13;
export const I_SEGMENT = 14;
export const I_DISCONTINUITY = 15;
export const I_VERSION = 16;

export const FLAG_KEY = 1;
export const FLAG_PROLOGUE = 2;
export const FLAG_GOP_START = 4;
/** The first entry of a segment. */
export const FLAG_SEGMENT_START = 8;

export function createSharedLog(entries: number, dataBytes: number): SharedLog {
  return {
    control: new SharedArrayBuffer(CONTROL_WORDS * 4),
    index: new SharedArrayBuffer(entries * ENTRY_BYTES),
    data: new SharedArrayBuffer(dataBytes),
  };
}

/** Views over a shared log, made once per thread that uses it. */
export class LogViews {
  readonly shared: SharedLog;
  readonly control: Int32Array;
  readonly f64: Float64Array;
  readonly i32: Int32Array;
  readonly data: Uint8Array;
  readonly entries: number;
  readonly dataBytes: number;

  constructor(shared: SharedLog) {
    this.shared = shared;
    this.control = new Int32Array(shared.control);
    this.f64 = new Float64Array(shared.index);
    this.i32 = new Int32Array(shared.index);
    this.data = new Uint8Array(shared.data);
    this.entries = shared.index.byteLength / ENTRY_BYTES;
    this.dataBytes = shared.data.byteLength;
  }

  /** The full number of a shared 32-bit word, given a full number not further than 2^31 from it. */
  sequence(word: number, near: number): number {
    return near + ((Atomics.load(this.control, word) - (near | 0)) | 0);
  }
}
