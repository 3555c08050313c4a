import { ByteWriter } from "../bytes/byte-writer.ts";
import { MAX_SLAB_BYTES, MIN_SLAB_BYTES, type SlabPool } from "./slab-pool.ts";

/** A place every so many bytes where a write may be cut and whose media time is known. */
const MARK_EVERY_BYTES = 16 * 1024;

/** A piece of a byte log. Units (tags, messages, packets of a frame) never cross slabs. */
export class Slab {
  readonly bytes: Uint8Array;
  /** Absolute position of the first byte. */
  readonly base: number;
  used = 0;
  /** Media time of the newest unit. */
  endMs = 0;
  /** Writes to sockets that are under way from here. */
  pins = 0;
  isDropped = false;
  /** A write from here may still be under way when nobody pins it any more: its buffer is not used again. */
  isTainted = false;
  /** Positions of unit borders and their media times, in pairs, growing. */
  readonly marks: number[] = [];

  constructor(bytes: Uint8Array, base: number) {
    this.bytes = bytes;
    this.base = base;
  }

  get end(): number {
    return this.base + this.used;
  }
}

/** The bytes of a rendition, one behind the other in slabs, with absolute positions. What viewers get are views of it. */
export class SlabLog {
  readonly #pool: SlabPool;
  readonly #slabs: Slab[] = [];
  #nextSlabBytes = MIN_SLAB_BYTES;
  #opened = 0;
  #writer = ByteWriter.over(new Uint8Array(0));
  /** The last view made: viewers in step share it. */
  #view: Uint8Array = new Uint8Array(0);
  #viewAt = -1;
  #viewLimit = -1;

  constructor(pool: SlabPool) {
    this.#pool = pool;
  }

  /** Absolute position behind the newest byte. */
  get end(): number {
    return this.#slabs.at(-1)?.end ?? 0;
  }

  /** Absolute position of the oldest byte. */
  get start(): number {
    return this.#slabs[0]?.base ?? 0;
  }

  get heldBytes(): number {
    return this.#slabs.reduce((sum, slab) => sum + slab.bytes.length, 0);
  }

  /** True when the process holds more for viewers than it may. */
  get isOverBudget(): boolean {
    return this.#pool.budget.isExceeded;
  }

  /** The size that slabs get from now on, within limits. */
  suggestSlabBytes(bytes: number): void {
    this.#nextSlabBytes = Math.min(MAX_SLAB_BYTES, Math.max(MIN_SLAB_BYTES, bytes));
  }

  /** A writer with room for a unit of up to `maxBytes`. Nothing is visible before `commit`; not committing takes it back. */
  reserve(maxBytes: number): ByteWriter {
    let slab = this.#slabs.at(-1);
    if (!slab || slab.bytes.length - slab.used < maxBytes) {
      slab = new Slab(this.#pool.take(Math.max(maxBytes, this.#nextSlabBytes)), this.end);
      this.#slabs.push(slab);
      this.#opened++;
      this.#writer = ByteWriter.over(slab.bytes);
    }
    this.#writer.offset = slab.used;
    return this.#writer;
  }

  /** Makes what was written since `reserve` part of the log: a unit at media time `timeMs`. */
  commit(timeMs: number): void {
    const slab = this.#slabs.at(-1);
    if (!slab) return;
    const lastMark = slab.marks.length === 0 ? Number.NEGATIVE_INFINITY : slab.marks[slab.marks.length - 2]!;
    if (slab.end - lastMark >= MARK_EVERY_BYTES) slab.marks.push(slab.end, timeMs);
    slab.used = this.#writer.offset;
    slab.endMs = timeMs;
  }

  /** The slab that holds `position`, the last one for the end; undefined when it was dropped. */
  slabAt(position: number): Slab | undefined {
    for (let i = this.#slabs.length - 1; i >= 0; i--) {
      const slab = this.#slabs[i]!;
      if (position >= slab.base && (slab.used > 0 || i === this.#slabs.length - 1)) return slab;
    }
    return undefined;
  }

  /** What follows `position`, as one view of at most about `maxBytes`, ending at a border of units. */
  viewFrom(slab: Slab, position: number, maxBytes: number): Uint8Array {
    const end = slab.end;
    if (this.#viewAt === position && this.#viewLimit === end) return this.#view;
    const to = end - position <= maxBytes ? end : cutBefore(slab, position, position + maxBytes);
    this.#view = slab.bytes.subarray(position - slab.base, to - slab.base);
    this.#viewAt = position;
    this.#viewLimit = end;
    return this.#view;
  }

  /** Media time at or shortly before `position`. */
  timeAt(position: number): number {
    const slab = this.slabAt(position) ?? this.#slabs[0];
    if (!slab) return 0;
    let time = slab.marks[1] ?? 0;
    for (let i = 0; i < slab.marks.length && slab.marks[i]! <= position; i += 2) time = slab.marks[i + 1]!;
    return time;
  }

  /** How many slabs were opened so far. */
  get opened(): number {
    return this.#opened;
  }

  /** Drops the oldest slabs while `isUnused` says so of them; the newest one stays. */
  dropWhile(isUnused: (slab: Slab) => boolean): void {
    while (this.#slabs.length > 1 && isUnused(this.#slabs[0]!)) this.#drop();
  }

  /** A write from `slab` is done (`isDone`), or nobody will hear of its end. */
  unpin(slab: Slab, isDone: boolean): void {
    slab.pins--;
    if (!isDone) slab.isTainted = true;
    if (slab.isDropped && slab.pins === 0) this.#giveBack(slab);
  }

  /** Gives all memory back. Sockets may still write from it: it is left to the garbage collector. */
  close(): void {
    for (const slab of this.#slabs) slab.isTainted = true;
    while (this.#slabs.length > 0) this.#drop();
  }

  #drop(): void {
    const slab = this.#slabs.shift();
    if (!slab) return;
    slab.isDropped = true;
    if (slab.pins === 0) this.#giveBack(slab);
  }

  #giveBack(slab: Slab): void {
    this.#pool.give(slab.bytes, !slab.isTainted);
  }
}

/** The last unit border in (from, limit], or the first one behind `limit` when a single unit is larger. */
function cutBefore(slab: Slab, from: number, limit: number): number {
  let best = -1;
  for (let i = 0; i < slab.marks.length; i += 2) {
    const at = slab.marks[i]!;
    if (at <= from) continue;
    if (at > limit) return best === -1 ? at : best;
    best = at;
  }
  return best === -1 ? slab.end : best;
}
