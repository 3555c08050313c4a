import { LimitError } from "../base/media-error.ts";
import {
  createSharedLog,
  ENTRY_BYTES,
  ENTRY_F64,
  ENTRY_I32,
  F_ARRIVAL,
  F_DTS,
  F_OFFSET,
  F_PTS,
  F_TIME,
  FLAG_GOP_START,
  HAS_GOP,
  HEAD,
  I_DISCONTINUITY,
  I_FLAGS,
  I_NANOS,
  I_SEGMENT,
  I_SIZE,
  I_TRACK,
  I_VERSION,
  LogViews,
  NEWEST_GOP,
  type SharedLog,
  TAIL,
} from "./frame-log.ts";

export interface FrameLogOptions {
  /** Frames younger than this stay in the log as long as `maxDataBytes` allows: the log grows for them. */
  readonly windowMs: number;
  /** A log's data ring never grows above this. */
  readonly maxDataBytes: number;
}

const FIRST_ENTRIES = 1024;
const FIRST_DATA_BYTES = 256 * 1024;
const MAX_ENTRIES = 1 << 17;
/** Freed ahead of what is written, so that a reader in the middle of a copy is told before its bytes change. */
const GUARD_ENTRIES = 8;

/** The fields of one entry, filled by the caller and reused: nothing is allocated per frame. */
export interface EntryFields {
  dts: number;
  pts: number;
  ptsNanos: number;
  timeMs: number;
  arrivalMs: number;
  trackId: number;
  flags: number;
  segment: number;
  discontinuity: number;
  version: number;
}

/** Fields to be filled. */
export function emptyFields(): EntryFields {
  return {
    dts: 0,
    pts: 0,
    ptsNanos: 0,
    timeMs: 0,
    arrivalMs: 0,
    trackId: 0,
    flags: 0,
    segment: 0,
    discontinuity: 0,
    version: 0,
  };
}

/** A log as small as it begins. */
export function emptyLog(): SharedLog {
  return createSharedLog(FIRST_ENTRIES, FIRST_DATA_BYTES);
}

/** The one writer of a frame log. After `onReplaced` the readers must be told of `shared`, the larger log. */
export class FrameLogWriter {
  readonly #options: FrameLogOptions;
  readonly #onReplaced: (log: SharedLog) => void;
  #log: LogViews;
  #head: number;
  #tail: number;
  /** Absolute position in the data ring of the next byte. */
  #position: number;

  /** Goes on after the last entry of `shared`: `nearSequence` is any full sequence number near its head. */
  constructor(shared: SharedLog, options: FrameLogOptions, onReplaced: (log: SharedLog) => void = () => {}, nearSequence = 0) {
    this.#options = options;
    this.#onReplaced = onReplaced;
    this.#log = new LogViews(shared);
    this.#head = this.#log.sequence(HEAD, nearSequence);
    this.#tail = this.#log.sequence(TAIL, this.#head);
    this.#position = this.#head === this.#tail ? 0 : this.#endOf(this.#head - 1);
  }

  static create(options: FrameLogOptions, onReplaced?: (log: SharedLog) => void): FrameLogWriter {
    return new FrameLogWriter(emptyLog(), options, onReplaced);
  }

  get shared(): SharedLog {
    return this.#log.shared;
  }

  /** Sequence number of the next entry. */
  get head(): number {
    return this.#head;
  }

  /** Bytes of shared memory in use. */
  get allocatedBytes(): number {
    return this.#log.dataBytes + this.#log.entries * ENTRY_BYTES;
  }

  /** Copies `payload` into the log and publishes the entry. Throws LimitError when it can never fit. */
  append(fields: EntryFields, payload: Uint8Array): void {
    if (payload.length > this.#options.maxDataBytes / 4) {
      throw new LimitError(
        `frame log: a frame of ${payload.length} bytes is above a quarter of the log's limit ${this.#options.maxDataBytes}`,
      );
    }
    while (this.#mustGrow(payload.length, fields.timeMs)) this.#grow(payload.length);
    const at = this.#place(payload.length);
    this.#free(at + payload.length);
    this.#log.data.set(payload, at % this.#log.dataBytes);
    this.#writeEntry(fields, at, payload.length);
    this.#position = at + payload.length;
    this.#publish(fields.flags);
  }

  /** Where a payload goes: at the next byte, or at the ring's start when it would not be contiguous. */
  #place(size: number): number {
    const { dataBytes } = this.#log;
    const left = dataBytes - (this.#position % dataBytes);
    return size > left ? this.#position + left : this.#position;
  }

  #endOf(sequence: number): number {
    const slot = sequence % this.#log.entries;
    return this.#log.f64[slot * ENTRY_F64 + F_OFFSET]! + this.#log.i32[slot * ENTRY_I32 + I_SIZE]!;
  }

  /** True when writing would evict an entry that is still inside the window and the log may be made larger. */
  #mustGrow(size: number, timeMs: number): boolean {
    const { dataBytes, entries, f64 } = this.#log;
    if (size > dataBytes / 4) return dataBytes < this.#options.maxDataBytes;
    const end = this.#place(size) + size;
    const dataFull = this.#evicts(end);
    const indexFull = this.#head - this.#tail >= entries - GUARD_ENTRIES;
    if (!(dataFull && dataBytes < this.#options.maxDataBytes) && !(indexFull && entries < MAX_ENTRIES)) return false;
    const oldest = f64[(this.#tail % entries) * ENTRY_F64 + F_TIME]!;
    return timeMs - oldest < this.#options.windowMs;
  }

  #evicts(end: number): boolean {
    if (this.#tail === this.#head) return false;
    const slot = this.#tail % this.#log.entries;
    return this.#log.f64[slot * ENTRY_F64 + F_OFFSET]! < end - this.#log.dataBytes;
  }

  /** Moves the tail past everything that writing up to `end` overwrites, before it is overwritten. */
  #free(end: number): void {
    const before = this.#tail;
    while (this.#evicts(end) || this.#head - this.#tail >= this.#log.entries - GUARD_ENTRIES) this.#tail++;
    if (this.#tail !== before) Atomics.exchange(this.#log.control, TAIL, this.#tail | 0);
  }

  #writeEntry(fields: EntryFields, at: number, size: number): void {
    const slot = this.#head % this.#log.entries;
    const f = slot * ENTRY_F64;
    const i = slot * ENTRY_I32;
    const { f64, i32 } = this.#log;
    f64[f + F_OFFSET] = at;
    f64[f + F_DTS] = fields.dts;
    f64[f + F_PTS] = fields.pts;
    f64[f + F_ARRIVAL] = fields.arrivalMs;
    f64[f + F_TIME] = fields.timeMs;
    i32[i + I_SIZE] = size;
    i32[i + I_FLAGS] = fields.flags;
    i32[i + I_TRACK] = fields.trackId;
    i32[i + I_NANOS] = fields.ptsNanos;
    i32[i + I_SEGMENT] = fields.segment;
    i32[i + I_DISCONTINUITY] = fields.discontinuity;
    i32[i + I_VERSION] = fields.version;
  }

  #publish(flags: number): void {
    const { control } = this.#log;
    if (flags & FLAG_GOP_START) {
      Atomics.store(control, NEWEST_GOP, this.#head | 0);
      Atomics.store(control, HAS_GOP, 1);
    }
    this.#head++;
    Atomics.store(control, HEAD, this.#head | 0);
  }

  /** Replaces the log by a larger one that holds the same entries under the same sequence numbers. */
  #grow(size: number): void {
    const old = this.#log;
    let dataBytes = old.dataBytes;
    while (dataBytes < this.#options.maxDataBytes && (size > dataBytes / 4 || dataBytes === old.dataBytes)) dataBytes *= 2;
    const larger = new LogViews(
      createSharedLog(Math.min(MAX_ENTRIES, old.entries * 2), Math.min(dataBytes, this.#options.maxDataBytes)),
    );
    let position = 0;
    for (let sequence = this.#tail; sequence < this.#head; sequence++) position = copyEntry(old, larger, sequence, position);
    for (const word of [HEAD, TAIL, NEWEST_GOP, HAS_GOP]) Atomics.store(larger.control, word, Atomics.load(old.control, word));
    this.#log = larger;
    this.#position = position;
    this.#onReplaced(larger.shared);
  }
}

/** Copies an entry and its payload to the same sequence number of a larger log; returns the position after it. */
function copyEntry(from: LogViews, to: LogViews, sequence: number, position: number): number {
  const source = sequence % from.entries;
  const target = sequence % to.entries;
  const size = from.i32[source * ENTRY_I32 + I_SIZE]!;
  const start = from.f64[source * ENTRY_F64 + F_OFFSET]! % from.dataBytes;
  to.i32.set(from.i32.subarray(source * ENTRY_I32, (source + 1) * ENTRY_I32), target * ENTRY_I32);
  to.data.set(from.data.subarray(start, start + size), position);
  to.f64[target * ENTRY_F64 + F_OFFSET] = position;
  return position + size;
}
