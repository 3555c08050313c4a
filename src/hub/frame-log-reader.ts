import type { Frame } from "../media/frame.ts";
import type { Track } from "../media/track.ts";
import {
  ENTRY_F64,
  ENTRY_I32,
  F_ARRIVAL,
  F_DTS,
  F_OFFSET,
  F_PTS,
  F_TIME,
  FLAG_GOP_START,
  FLAG_KEY,
  FLAG_PROLOGUE,
  FLAG_SEGMENT_START,
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

/** One entry as it is read: reused for the next one. `payload` is a view of SHARED memory: copy, then ask `isValid`. */
export class LogEntry {
  sequence = 0;
  dts = 0;
  pts = 0;
  ptsNanos = 0;
  timeMs = 0;
  arrivalMs = 0;
  trackId = 0;
  flags = 0;
  segment = 0;
  discontinuity = 0;
  version = 0;
  payload: Uint8Array = new Uint8Array(0);

  get isKey(): boolean {
    return (this.flags & FLAG_KEY) !== 0;
  }
  get isPrologue(): boolean {
    return (this.flags & FLAG_PROLOGUE) !== 0;
  }
  get isGopStart(): boolean {
    return (this.flags & FLAG_GOP_START) !== 0;
  }
  get isSegmentStart(): boolean {
    return (this.flags & FLAG_SEGMENT_START) !== 0;
  }

  /** The entry as a frame of `track`; its payload is still shared memory. */
  asFrame(track: Track): Frame {
    const { dts, pts, ptsNanos, isKey, arrivalMs, payload } = this;
    return { track, dts, pts, ptsNanos, isKey, arrivalMs, payload };
  }
}

/** One place in a frame log. Readers do not know of each other. */
export class FrameLogReader {
  #log: LogViews;
  #position: number;

  /** Starts at the head of `shared`; `nearSequence` is any sequence number near it. */
  constructor(shared: SharedLog, nearSequence = 0) {
    this.#log = new LogViews(shared);
    this.#position = this.#log.sequence(HEAD, nearSequence);
  }

  /** The sequence number of the entry that `read` gives next. */
  get position(): number {
    return this.#position;
  }

  get head(): number {
    return this.#log.sequence(HEAD, this.#position);
  }

  get tail(): number {
    return this.#log.sequence(TAIL, this.#position);
  }

  /** The prologue entry that begins the newest GOP, or undefined before the first and when it was overwritten. */
  get newestGop(): number | undefined {
    const log = this.#log;
    if (Atomics.load(log.control, HAS_GOP) === 0) return undefined;
    const sequence = log.sequence(NEWEST_GOP, this.#position);
    return sequence >= log.sequence(TAIL, this.#position) ? sequence : undefined;
  }

  /** A larger log has taken the place of this one. It holds the same entries, so reading goes on where it was. */
  replace(shared: SharedLog): void {
    this.#log = new LogViews(shared);
  }

  seek(sequence: number): void {
    this.#position = sequence;
  }

  /**
   * Reads the next entry and moves on; false at the head. An entry that was overwritten meanwhile is no longer there:
   * then `isValid` is false, and the reader must `seek` to a newer place.
   */
  read(entry: LogEntry): boolean {
    const log = this.#log;
    if (this.#position === log.sequence(HEAD, this.#position)) return false;
    const slot = this.#position % log.entries;
    const f = slot * ENTRY_F64;
    const i = slot * ENTRY_I32;
    const { f64, i32 } = log;
    const start = f64[f + F_OFFSET]! % log.dataBytes;
    entry.sequence = this.#position++;
    entry.dts = f64[f + F_DTS]!;
    entry.pts = f64[f + F_PTS]!;
    entry.arrivalMs = f64[f + F_ARRIVAL]!;
    entry.timeMs = f64[f + F_TIME]!;
    entry.flags = i32[i + I_FLAGS]!;
    entry.trackId = i32[i + I_TRACK]!;
    entry.ptsNanos = i32[i + I_NANOS]!;
    entry.segment = i32[i + I_SEGMENT]!;
    entry.discontinuity = i32[i + I_DISCONTINUITY]!;
    entry.version = i32[i + I_VERSION]!;
    entry.payload = log.data.subarray(start, start + i32[i + I_SIZE]!);
    return true;
  }

  /** True while everything read so far from `entry` is what was written there. Ask after copying. */
  isValid(entry: LogEntry): boolean {
    return entry.sequence >= this.#log.sequence(TAIL, entry.sequence);
  }

  /** True when the next entry to read was overwritten already. */
  get isOvertaken(): boolean {
    return this.#position < this.#log.sequence(TAIL, this.#position);
  }
}
