import { assert } from "../base/assert.ts";
import { MediaError } from "../base/media-error.ts";
import { ByteWriter } from "../bytes/byte-writer.ts";
import type { Format, Muxer } from "../media/muxer.ts";
import type { Prologue } from "../media/prologue.ts";
import type { Track } from "../media/track.ts";
import { Cursor, type CursorHost, type EndReason, type Sink } from "./cursor.ts";
import { CursorPhases } from "./cursor-phases.ts";
import type { SharedLog } from "./frame-log.ts";
import { FrameLogReader, LogEntry } from "./frame-log-reader.ts";
import { readPrologue } from "./prologue-codec.ts";
import { SlabLog } from "./slab-log.ts";
import type { SlabPool } from "./slab-pool.ts";

export interface RenditionOptions {
  readonly gopCacheMaxMs: number;
  readonly gopCacheMaxBytes: number;
  readonly maxLagMs: number;
  readonly slowViewerTimeoutMs: number;
  readonly maxFlushMs: number;
  readonly maxWriteBytes: number;
  /** Viewers are spread over so many phases of the flush interval. */
  readonly phases: number;
}

/**
 * Where a viewer begins: at the newest GOP, at the next one, or at the head without a prologue: for one that is told already and
 * changes from another selection of the same tracks.
 */
export type JoinPoint = "newest-gop" | "next-gop" | "head";

/** A place in the byte log where viewers can join. */
interface GopMark {
  readonly sequence: number;
  readonly position: number;
  readonly timeMs: number;
  readonly prologue: Prologue;
  /** What a viewer gets before the bytes at `position`; made for the first one. */
  start: Uint8Array | undefined;
}

/** Enough GOPs to know what a lagging viewer was told. */
const MAX_GOP_MARKS = 64;
/** Slabs hold at least this many flush intervals: smaller ones split writes. */
const FLUSHES_PER_SLAB = 16;

export interface RenditionCounters {
  frames: number;
  /** Entries that were overwritten before they were read. */
  overtaken: number;
  /** Frames that the muxer could not make sense of. */
  unreadable: number;
  skips: number;
  bytesSent: number;
  writes: number;
}

/**
 * A stream in one format, on one thread: reads the frame log, muxes each frame once into a byte log, and has a cursor for each viewer.
 */
export class Rendition implements CursorHost {
  readonly format: Format;
  readonly counters: RenditionCounters = { frames: 0, overtaken: 0, unreadable: 0, skips: 0, bytesSent: 0, writes: 0 };
  readonly slabs: SlabLog;
  readonly #options: RenditionOptions;
  readonly #muxer: Muxer;
  readonly #reader: FrameLogReader;
  readonly #entry = new LogEntry();
  readonly #gops: GopMark[] = [];
  readonly #cursors: CursorPhases;
  #prologue: Prologue | undefined;
  #tracks = new Map<number, Track>();
  #headMs = 0;
  /** False until the first GOP start, and after frames were lost. */
  #inGop = false;
  #slabsSeen = 0;

  constructor(format: Format, log: SharedLog, pool: SlabPool, options: RenditionOptions) {
    this.format = format;
    this.slabs = new SlabLog(pool);
    this.#options = options;
    this.#muxer = format.createMuxer();
    this.#reader = new FrameLogReader(log);
    this.#cursors = new CursorPhases(options.phases);
    this.#reader.seek(this.#reader.newestGop ?? this.#reader.head);
  }

  get viewers(): number {
    return this.#cursors.size;
  }

  /** Media time of the newest frame. */
  get headMs(): number {
    return this.#headMs;
  }

  replaceLog(log: SharedLog): void {
    this.#reader.replace(log);
  }

  /** Adds a viewer. At `newest-gop` it gets the prologue and the GOP at once, or waits for the next when that one is beyond the cache's limits. */
  join(sink: Sink, protocol: string, onEnd: (cursor: Cursor) => void, from: JoinPoint = "newest-gop"): Cursor {
    this.pull();
    const cursor = new Cursor(this, sink, protocol, onEnd);
    const gop = this.#gops.at(-1);
    if (from === "head" && this.#prologue && this.#inGop) {
      cursor.position = this.slabs.end;
      cursor.told = this.#prologue;
    } else if (gop) {
      cursor.joinFrom = from === "newest-gop" && this.#isCached(gop) ? gop.sequence : gop.sequence + 1;
    }
    this.#cursors.add(cursor);
    return cursor;
  }

  /** Takes what is new in the frame log. True when there are new bytes. */
  pull(): boolean {
    const before = this.slabs.end;
    if (this.#reader.isOvertaken) this.#resync();
    while (this.#reader.read(this.#entry)) {
      if (this.#take(this.#entry)) continue;
      this.#resync();
    }
    return this.slabs.end !== before;
  }

  /** Writes to the viewers of one phase what they have missed. Returns the number of writes. */
  flush(phase: number, nowMs: number): number {
    const cursors = this.#cursors.at(phase);
    const before = this.counters.writes;
    const end = this.slabs.end;
    for (let i = cursors.length - 1; i >= 0; i--) {
      const cursor = cursors[i]!;
      if (cursor.position !== end) this.#advance(cursor, nowMs);
      else if (cursor.pinned) this.#unblock(cursor);
    }
    return this.counters.writes - before;
  }

  flushAll(nowMs: number): number {
    let writes = 0;
    for (let phase = 0; phase < this.#cursors.phases; phase++) writes += this.flush(phase, nowMs);
    return writes;
  }

  /** Looks after viewers whose sockets were full: those with room again get the rest, those who take nothing for too long are closed. */
  checkBlocked(nowMs: number): void {
    for (let phase = 0; phase < this.#cursors.phases; phase++) {
      const cursors = this.#cursors.at(phase);
      for (let i = cursors.length - 1; i >= 0; i--) {
        const cursor = cursors[i]!;
        if (cursor.pinned) this.#advance(cursor, nowMs);
      }
    }
  }

  /** Writes one viewer what it has missed, as when it has just joined. */
  advance(cursor: Cursor, nowMs: number): void {
    this.#advance(cursor, nowMs);
  }

  /** Keeps the viewer's place but sends nothing until `resume`, which goes on at the newest GOP. */
  pause(cursor: Cursor): void {
    cursor.isPaused = true;
  }

  resume(cursor: Cursor): void {
    if (!cursor.isPaused) return;
    cursor.isPaused = false;
    const gop = this.#gops.at(-1);
    if (cursor.position >= 0 && gop && cursor.position < gop.position) this.#skip(cursor);
  }

  remove(cursor: Cursor): void {
    this.#cursors.remove(cursor);
    if (cursor.pinned) this.slabs.unpin(cursor.pinned, false);
    cursor.pinned = undefined;
  }

  /** Sends the rest and ends all viewers. */
  close(reason: EndReason, nowMs: number): void {
    this.pull();
    this.flushAll(nowMs);
    for (const cursor of [...this.#cursors]) {
      this.#writeRest(cursor);
      cursor.end(reason);
    }
    this.slabs.close();
  }

  /** Muxes one entry. False when it was overwritten while it was read. */
  #take(entry: LogEntry): boolean {
    if (entry.isPrologue) {
      const prologue = entry.version === this.#prologue?.version ? this.#prologue : this.#copyPrologue(entry);
      if (!prologue) return false;
      this.#takePrologue(entry, prologue);
      return true;
    }
    if (!this.#inGop) return true;
    const track = this.#tracks.get(entry.trackId);
    return track ? this.#takeFrame(entry, track) : true;
  }

  #copyPrologue(entry: LogEntry): Prologue | undefined {
    const copy = entry.payload.slice();
    return this.#reader.isValid(entry) ? readPrologue(copy) : undefined;
  }

  #takePrologue(entry: LogEntry, prologue: Prologue): void {
    const before = this.#prologue;
    if (!this.#inGop && !entry.isGopStart) return;
    const w = this.slabs.reserve(this.#muxer.maxPrologueBytes(prologue));
    if (before && before !== prologue) this.#muxer.writeChange(w, before, prologue, entry.timeMs);
    this.#prologue = prologue;
    this.#tracks = new Map(prologue.tracks.map((track) => [track.id, track]));
    this.slabs.commit(entry.timeMs);
    if (entry.isGopStart) this.#beginGop(entry, prologue);
  }

  #beginGop(entry: LogEntry, prologue: Prologue): void {
    const position = this.slabs.end;
    this.#muxer.writeGopStart(this.slabs.reserve(this.#muxer.maxPrologueBytes(prologue)), prologue, entry.timeMs);
    this.slabs.commit(entry.timeMs);
    this.#gops.push({ sequence: entry.sequence, position, timeMs: entry.timeMs, prologue, start: undefined });
    this.#inGop = true;
    this.#sizeSlabs();
    this.#forget();
  }

  #takeFrame(entry: LogEntry, track: Track): boolean {
    const frame = entry.asFrame(track);
    const w = this.slabs.reserve(this.#muxer.maxFrameBytes(frame));
    const start = w.offset;
    try {
      this.#muxer.writeFrame(w, frame);
    } catch (error) {
      if (!(error instanceof MediaError) && this.#reader.isValid(entry)) throw error;
      w.offset = start;
      if (this.#reader.isValid(entry)) this.counters.unreadable++;
    }
    if (!this.#reader.isValid(entry)) return false;
    this.slabs.commit(entry.timeMs);
    this.counters.frames++;
    if (entry.timeMs > this.#headMs) this.#headMs = entry.timeMs;
    if (this.slabs.opened !== this.#slabsSeen) this.#forget();
    this.#slabsSeen = this.slabs.opened;
    return true;
  }

  /** The writer overtook this thread: goes on at the newest GOP. */
  #resync(): void {
    this.counters.overtaken++;
    this.#inGop = false;
    this.#reader.seek(this.#reader.newestGop ?? this.#reader.head);
  }

  /** Drops bytes that nobody may want any more: not those of the newest GOP while it is cached, nor what a viewer may lag behind. */
  #forget(): void {
    const newest = this.#gops.at(-1);
    const limit = newest && this.#isCached(newest) ? newest.position : this.slabs.end;
    // Over budget nobody's backlog is kept: slow viewers go on at the newest key frame.
    const slowest = this.slabs.isOverBudget ? limit : this.#slowestPosition(limit);
    const horizonMs = this.#headMs - this.#options.maxLagMs;
    this.slabs.dropWhile((slab) => slab.end <= limit && (slab.end <= slowest || slab.endMs < horizonMs));
    while (this.#gops.length > 1 && (this.#gops[0]!.position < this.slabs.start || this.#gops.length > MAX_GOP_MARKS))
      this.#gops.shift();
  }

  /** Slabs as large as this rendition's bitrate wants them. */
  #sizeSlabs(): void {
    const newest = this.#gops.at(-1);
    const oldest = this.#gops[0];
    if (!newest || !oldest || newest === oldest) return;
    const rate = (newest.position - oldest.position) / Math.max(1, newest.timeMs - oldest.timeMs);
    this.slabs.suggestSlabBytes(Math.ceil(rate * this.#options.maxFlushMs * FLUSHES_PER_SLAB));
  }

  #slowestPosition(limit: number): number {
    let slowest = limit;
    for (const cursor of this.#cursors) {
      const position = cursor.position >= 0 ? cursor.position : (this.#firstGop(cursor)?.position ?? limit);
      if (position < slowest) slowest = position;
    }
    return slowest;
  }

  #isCached(gop: GopMark): boolean {
    const { gopCacheMaxMs, gopCacheMaxBytes } = this.#options;
    return (
      gop.position >= this.slabs.start &&
      this.#headMs - gop.timeMs <= gopCacheMaxMs &&
      this.slabs.end - gop.position <= gopCacheMaxBytes
    );
  }

  #advance(cursor: Cursor, nowMs: number): void {
    if (cursor.sink.pendingBytes > 0) {
      this.#checkBlocked(cursor, nowMs);
      return;
    }
    if (cursor.pinned) this.#unblock(cursor);
    if (cursor.isPaused) return;
    if (cursor.position >= 0 && this.#mustSkip(cursor)) this.#skip(cursor);
    if (cursor.position < 0 && !this.#start(cursor)) return;
    const end = this.slabs.end;
    while (cursor.position < end && cursor.sink.pendingBytes === 0) this.#writeOnce(cursor);
    if (cursor.sink.pendingBytes > 0) cursor.blockedSinceMs = nowMs;
  }

  /** At the end of a stream nothing follows: what a viewer has not got yet is queued at once, as far as it is held. */
  #writeRest(cursor: Cursor): void {
    if (cursor.position < this.slabs.start || cursor.isPaused) return;
    while (cursor.position < this.slabs.end) this.#writeOnce(cursor);
  }

  #writeOnce(cursor: Cursor): void {
    const slab = this.slabs.slabAt(cursor.position);
    assert(slab, "the cursor's bytes are held");
    const view = this.slabs.viewFrom(slab, cursor.position, this.#options.maxWriteBytes);
    cursor.position += view.length;
    this.#write(cursor, view);
    if (cursor.sink.pendingBytes === 0 || cursor.pinned) return;
    cursor.pinned = slab;
    slab.pins++;
  }

  #write(cursor: Cursor, bytes: Uint8Array): void {
    cursor.bytesSent += bytes.length;
    this.counters.bytesSent += bytes.length;
    this.counters.writes++;
    cursor.sink.write(bytes);
  }

  #unblock(cursor: Cursor): void {
    if (cursor.sink.pendingBytes > 0) return;
    cursor.blockedSinceMs = 0;
    if (cursor.pinned) this.slabs.unpin(cursor.pinned, true);
    cursor.pinned = undefined;
  }

  #checkBlocked(cursor: Cursor, nowMs: number): void {
    if (nowMs - cursor.blockedSinceMs > this.#options.slowViewerTimeoutMs) cursor.end("too slow");
  }

  /** Where a waiting viewer begins: several GOPs may have come at once, and it wants the first of them. */
  #firstGop(cursor: Cursor): GopMark | undefined {
    for (const gop of this.#gops) if (gop.sequence >= cursor.joinFrom && gop.position >= this.slabs.start) return gop;
    return undefined;
  }

  /** Gives a waiting viewer its first bytes, if there is a GOP to begin with. */
  #start(cursor: Cursor): boolean {
    const gop = this.#firstGop(cursor);
    if (!gop) return false;
    if (cursor.told) {
      this.#tellChange(cursor, cursor.told, gop);
    } else {
      gop.start ??= this.#writeToBytes(gop.prologue, (w) => this.#muxer.writeStart(w, gop.prologue, gop.timeMs));
      if (gop.start.length > 0) this.#write(cursor, gop.start);
    }
    cursor.told = gop.prologue;
    cursor.position = gop.position;
    return true;
  }

  #mustSkip(cursor: Cursor): boolean {
    if (cursor.position < this.slabs.start) return true;
    const gop = this.#gops.at(-1);
    if (!gop || cursor.position >= gop.position) return false;
    return this.#headMs - this.slabs.timeAt(cursor.position) > this.#options.maxLagMs;
  }

  /** Moves a viewer that is too far behind to the newest key frame, or lets it wait for the next one; with the configuration if it changed. */
  #skip(cursor: Cursor): void {
    const gop = this.#gops.at(-1);
    const isHeld = gop !== undefined && gop.position >= this.slabs.start && gop.position > cursor.position;
    const resumeMs = isHeld ? gop.timeMs : this.#headMs;
    cursor.skippedMs += Math.max(0, resumeMs - this.slabs.timeAt(cursor.position));
    cursor.skips++;
    this.counters.skips++;
    cursor.position = -1;
    cursor.joinFrom = isHeld ? gop.sequence : this.#entry.sequence + 1;
  }

  #tellChange(cursor: Cursor, told: Prologue, gop: GopMark): void {
    if (told.version === gop.prologue.version) return;
    const bytes = this.#writeToBytes(gop.prologue, (w) => this.#muxer.writeChange(w, told, gop.prologue, gop.timeMs));
    if (bytes.length > 0) this.#write(cursor, bytes);
  }

  #writeToBytes(prologue: Prologue, write: (w: ByteWriter) => void): Uint8Array {
    const w = new ByteWriter(this.#muxer.maxPrologueBytes(prologue));
    write(w);
    return w.toBytes();
  }
}
