import { MediaError } from "../../base/media-error.ts";
import { ByteWriter } from "../../bytes/byte-writer.ts";
import type { SharedLog } from "../../hub/frame-log.ts";
import { FrameLogReader, LogEntry } from "../../hub/frame-log-reader.ts";
import { readPrologue } from "../../hub/prologue-codec.ts";
import type { LogConsumer, Stream } from "../../hub/stream.ts";
import type { Format, Muxer } from "../../media/muxer.ts";
import type { Prologue } from "../../media/prologue.ts";
import type { Track } from "../../media/track.ts";
import { SegmentWindow, type SegmentWindowOptions } from "../../protocols/hls/segment-window.ts";

/** A segment that grows beyond this is cut off there: the frames that follow are left out of HLS, and counted. */
const MAX_SEGMENT_BYTES = 64 * 1024 * 1024;

/** A segment in the making. */
interface OpenSegment {
  readonly number: number;
  readonly discontinuity: number;
  readonly startMs: number;
  readonly arrivalMs: number;
  readonly muxer: Muxer;
  readonly bytes: ByteWriter;
}

/**
 * Makes segments from a stream's frame log. Where they are cut, and their numbers, stands in the log: every thread that reads it
 * makes the same bytes.
 */
export class Segmenter implements LogConsumer {
  readonly window: SegmentWindow;
  /** Frames left out: unreadable, or beyond the size limit. */
  dropped = 0;
  readonly #format: Format;
  readonly #reader: FrameLogReader;
  readonly #entry = new LogEntry();
  readonly #waiting = new Set<() => void>();
  #prologue: Prologue | undefined;
  #tracks = new Map<number, Track>();
  #open: OpenSegment | undefined;
  #lastDiscontinuity: number | undefined;

  constructor(stream: Stream, format: Format, options: SegmentWindowOptions) {
    this.#format = format;
    this.#reader = new FrameLogReader(stream.log);
    this.window = new SegmentWindow(options);
    this.#seekFirstSegment();
  }

  replaceLog(log: SharedLog): void {
    this.#reader.replace(log);
  }

  pull(): void {
    if (this.#reader.isOvertaken) this.#recover();
    while (this.#reader.read(this.#entry)) {
      if (this.#take(this.#entry)) continue;
      this.#recover();
    }
  }

  /** Resolves when a segment is finished or the stream has ended, at the latest after `timeoutMs`. */
  async nextSegment(timeoutMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, timeoutMs);
    this.#waiting.add(resolve);
    await promise;
    clearTimeout(timer);
    this.#waiting.delete(resolve);
  }

  close(): void {
    this.pull();
    this.#finish(undefined);
    this.window.end();
    this.#wake();
  }

  /** Goes to the oldest segment start in the log. */
  #seekFirstSegment(): void {
    const reader = this.#reader;
    const entry = this.#entry;
    reader.seek(reader.tail);
    while (reader.read(entry)) {
      if (!entry.isSegmentStart) continue;
      reader.seek(entry.sequence);
      return;
    }
  }

  /** False when the entry was overwritten while it was read. */
  #take(entry: LogEntry): boolean {
    if (!entry.isPrologue) return this.#takeFrame(entry);
    const copy = entry.payload.slice();
    if (!this.#reader.isValid(entry)) return false;
    const before = this.#prologue;
    if (!before || entry.version !== before.version) {
      this.#prologue = readPrologue(copy);
      this.#tracks = new Map(this.#prologue.tracks.map((track) => [track.id, track]));
    }
    const prologue = this.#prologue;
    if (!prologue) return true;
    if (entry.isSegmentStart) this.#begin(entry, prologue);
    else if (this.#open) this.#write(this.#open, prologue, (muxer, w) => this.#continue(muxer, w, before, prologue, entry));
    return true;
  }

  #continue(muxer: Muxer, w: ByteWriter, before: Prologue | undefined, prologue: Prologue, entry: LogEntry): void {
    if (before && before !== prologue) muxer.writeChange(w, before, prologue, entry.timeMs);
    if (entry.isGopStart) muxer.writeGopStart(w, prologue, entry.timeMs);
  }

  #begin(entry: LogEntry, prologue: Prologue): void {
    this.#finish(entry);
    const { segment, discontinuity, timeMs, arrivalMs } = entry;
    const muxer = this.#format.createMuxer();
    this.#open = { number: segment, discontinuity, startMs: timeMs, arrivalMs, muxer, bytes: new ByteWriter(256 * 1024) };
    this.#write(this.#open, prologue, (m, w) => m.writeStart(w, prologue, timeMs));
  }

  #takeFrame(entry: LogEntry): boolean {
    const open = this.#open;
    const track = this.#tracks.get(entry.trackId);
    if (!open || !track) return true;
    const start = open.bytes.offset;
    try {
      if (start > MAX_SEGMENT_BYTES) this.dropped++;
      else open.muxer.writeFrame(open.bytes, entry.asFrame(track));
    } catch (error) {
      open.bytes.offset = start;
      if (!(error instanceof MediaError) && this.#reader.isValid(entry)) throw error;
      this.dropped++;
    }
    return this.#reader.isValid(entry);
  }

  #write(open: OpenSegment, prologue: Prologue, write: (muxer: Muxer, w: ByteWriter) => void): void {
    if (prologue.tracks.length > 0) write(open.muxer, open.bytes);
  }

  /** Closes the segment in the making; `next` is the entry that begins the one after it. */
  #finish(next: LogEntry | undefined): void {
    const open = this.#open;
    this.#open = undefined;
    if (!open) return;
    open.muxer.writeEnd?.(open.bytes);
    const endMs = next ? next.timeMs : this.#entry.timeMs;
    if (this.#lastDiscontinuity === undefined) this.window.beginAt(open.discontinuity);
    const isDiscontinuous = this.#lastDiscontinuity !== undefined && open.discontinuity !== this.#lastDiscontinuity;
    this.#lastDiscontinuity = open.discontinuity;
    this.window.add({
      number: open.number,
      durationMs: Math.max(1, endMs - open.startMs),
      isDiscontinuous,
      programDateTimeMs: open.arrivalMs || undefined,
      bytes: open.bytes.toBytes(),
    });
    this.#wake();
  }

  /** Entries were lost: the segment in the making is incomplete and is not published. */
  #recover(): void {
    this.#open = undefined;
    this.#reader.seek(this.#reader.newestGop ?? this.#reader.head);
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}
