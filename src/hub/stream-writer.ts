import { LimitError } from "../base/media-error.ts";
import type { Frame, MediaSink } from "../media/frame.ts";
import { firstTrack, type Prologue } from "../media/prologue.ts";
import type { Track } from "../media/track.ts";
import { FLAG_GOP_START, FLAG_KEY, FLAG_PROLOGUE, FLAG_SEGMENT_START, type SharedLog } from "./frame-log.ts";
import { FrameLogReader, LogEntry } from "./frame-log-reader.ts";
import { emptyFields, FrameLogWriter } from "./frame-log-writer.ts";
import { readPrologue, writePrologue } from "./prologue-codec.ts";
import { InputTracks, PrologueState, sameTracks } from "./prologue-state.ts";
import { SegmentMarks } from "./segment-marks.ts";
import { Timeline } from "./timeline.ts";

/** With no video, a GOP start for joining viewers every so often. */
const AUDIO_GOP_MS = 1000;
/** A video track that brings nothing for so long no longer decides where viewers may join. */
const VIDEO_SILENCE_MS = 3000;
/** The frame log never holds more than this of one stream. */
export const MAX_LOG_BYTES = 64 * 1024 * 1024;

export interface StreamWriterOptions {
  /** Frames younger than this stay in the log. */
  readonly logWindowMs: number;
  readonly maxFrameBytes: number;
  readonly segmentMs: number;
  /** The numbers that the first segment gets, so that they go on when a stream's name comes back. */
  readonly firstSegment: number;
  readonly firstDiscontinuity: number;
  /** Called after frames were appended. */
  onAppended(): void;
  /** The log moved to larger memory: tell all readers. */
  onReplaced(log: SharedLog): void;
  /** Tracks or metadata changed. */
  onPrologue(prologue: Prologue): void;
  /** Remembers the timeline's offset where another thread finds it if this one dies. */
  saveOffset(offsetMs: number | undefined): void;
}

export interface StreamCounters {
  frames: number;
  videoFrames: number;
  bytes: number;
  /** Video frames before the first key frame of a publisher. */
  droppedBeforeKey: number;
}

/**
 * The one writer of a stream, on its owner thread: puts frames of publishers on the timeline and into the frame log, with a
 * prologue in front of every GOP and segment marks at its start.
 */
export class StreamWriter {
  readonly counters: StreamCounters = { frames: 0, videoFrames: 0, bytes: 0, droppedBeforeKey: 0 };
  readonly timeline = new Timeline();
  readonly #options: StreamWriterOptions;
  readonly #log: FrameLogWriter;
  readonly #prologue = new PrologueState();
  readonly #marks: SegmentMarks;
  readonly #fields = emptyFields();
  #input: StreamInput | undefined;
  #writtenVersion = -1;
  #lastGopMs = Number.NEGATIVE_INFINITY;
  #gopMs = 0;
  #lastVideoMs = 0;

  /** Writes to `shared`; when that holds entries already, goes on behind them as the thread that died would have. */
  constructor(shared: SharedLog, options: StreamWriterOptions, savedOffsetMs?: number) {
    this.#options = options;
    const logOptions = { windowMs: options.logWindowMs, maxDataBytes: MAX_LOG_BYTES };
    this.#log = new FrameLogWriter(shared, logOptions, options.onReplaced);
    this.#marks = new SegmentMarks({
      targetMs: options.segmentMs,
      segment: options.firstSegment,
      discontinuity: options.firstDiscontinuity,
    });
    this.#fields.segment = options.firstSegment;
    this.#fields.discontinuity = options.firstDiscontinuity;
    if (this.#log.head !== 0) this.#resume(savedOffsetMs);
  }

  get prologue(): Prologue {
    return this.#prologue.current;
  }

  /** Bytes of shared memory that the log takes. */
  get allocatedBytes(): number {
    return this.#log.allocatedBytes;
  }

  /** Length of the last complete GOP. */
  get gopMs(): number {
    return this.#gopMs;
  }

  /** The segment in force, for the one who gives the next numbers to this name. */
  get segment(): { segment: number; discontinuity: number } {
    return { segment: this.#marks.segment, discontinuity: this.#marks.discontinuity };
  }

  /**
   * A publisher begins and takes the place of the one before, whose frames are ignored from now on. With `continues` it is the
   * publisher that another thread wrote for, and its clock goes on.
   */
  beginInput(continues = false): StreamInput {
    this.#input?.close();
    if (!continues) {
      this.timeline.beginInput();
      this.#marks.breakAtNextGop();
    }
    this.#lastVideoMs = Math.max(0, this.timeline.lastOutMs);
    this.#input = new StreamInput(this, continues);
    return this.#input;
  }

  /** Appends a frame of the current publisher. Throws LimitError for a frame above `maxFrameBytes`. */
  append(input: StreamInput, frame: Frame): void {
    if (frame.payload.length > this.#options.maxFrameBytes) {
      throw new LimitError(`a frame of ${frame.payload.length} bytes is above the limit of ${this.#options.maxFrameBytes}`);
    }
    this.timeline.place(frame);
    this.#options.saveOffset(this.timeline.offsetMs);
    const isGopStart = this.#isGopStart(input, frame);
    const changed = input.isDirty && this.#updatePrologue(input, isGopStart);
    if (isGopStart) this.#beginGop(input, frame.arrivalMs);
    else if (changed || this.#writtenVersion !== this.prologue.version) this.#writePrologue(0, frame.arrivalMs);
    this.#writeFrame(frame);
    this.#options.onAppended();
  }

  #updatePrologue(input: StreamInput, isGopStart: boolean): boolean {
    const before = this.prologue.tracks;
    const changed = this.#prologue.update(input.declared, !(isGopStart && input.gops > 0));
    input.isDirty = false;
    if (!changed) return false;
    if (before.length > 0 && !sameTracks(before, this.prologue.tracks) && input.gops > 0) this.#marks.breakAtNextGop();
    this.#options.onPrologue(this.prologue);
    return true;
  }

  /** Where viewers can join: at a key frame of the first video track; without video at an audio frame once a second. */
  #isGopStart(input: StreamInput, frame: Frame): boolean {
    const { timeMs } = this.timeline.out;
    if (input.gops === 0 && !input.continues) return true;
    const video = input.firstVideo ?? (input.gops < 2 ? firstTrack(this.prologue, "video")?.id : undefined);
    if (video === undefined) return frame.track.kind !== "data" && timeMs - this.#lastGopMs >= AUDIO_GOP_MS;
    if (frame.track.id === video) {
      this.#lastVideoMs = timeMs;
      return frame.isKey;
    }
    return (
      timeMs - this.#lastVideoMs > VIDEO_SILENCE_MS && frame.track.kind === "audio" && timeMs - this.#lastGopMs >= AUDIO_GOP_MS
    );
  }

  #beginGop(input: StreamInput, arrivalMs: number): void {
    const { timeMs } = this.timeline.out;
    if (input.gops > 0) this.#gopMs = timeMs - this.#lastGopMs;
    this.#lastGopMs = timeMs;
    input.gops++;
    const segmentFlag = this.#marks.beginsAt(timeMs) ? FLAG_SEGMENT_START : 0;
    this.#fields.segment = this.#marks.segment;
    this.#fields.discontinuity = this.#marks.discontinuity;
    this.#writePrologue(FLAG_GOP_START | segmentFlag, arrivalMs);
    if (input.gops === 2) input.isDirty = true; // tracks that only the publisher before had are dropped at the next GOP
  }

  #writePrologue(flags: number, arrivalMs: number): void {
    const fields = this.#fields;
    const { timeMs } = this.timeline.out;
    fields.flags = FLAG_PROLOGUE | flags;
    fields.trackId = -1;
    fields.timeMs = timeMs;
    fields.dts = fields.pts = Math.round(timeMs);
    fields.ptsNanos = 0;
    fields.arrivalMs = arrivalMs;
    fields.version = this.#writtenVersion = this.prologue.version;
    this.#log.append(fields, writePrologue(this.prologue));
  }

  #writeFrame(frame: Frame): void {
    const fields = this.#fields;
    const { out } = this.timeline;
    fields.flags = frame.isKey ? FLAG_KEY : 0;
    fields.trackId = frame.track.id;
    fields.timeMs = out.timeMs;
    fields.dts = out.dts;
    fields.pts = out.pts;
    fields.ptsNanos = frame.ptsNanos;
    fields.arrivalMs = frame.arrivalMs;
    this.#log.append(fields, frame.payload);
    this.counters.frames++;
    if (frame.track.kind === "video") this.counters.videoFrames++;
    this.counters.bytes += frame.payload.length;
  }

  /** Learns from the log where the thread before stood. */
  #resume(savedOffsetMs: number | undefined): void {
    const reader = new FrameLogReader(this.#log.shared, this.#log.head);
    const entry = new LogEntry();
    const lastOut = new Map<number, number>();
    let lastMs = -1;
    let segmentStartMs = 0;
    reader.seek(reader.tail);
    while (reader.read(entry)) {
      lastMs = Math.max(lastMs, entry.timeMs);
      if (entry.isSegmentStart) segmentStartMs = entry.timeMs;
      if (entry.isGopStart) this.#lastGopMs = entry.timeMs;
      if (entry.isPrologue) this.#prologue.resume(readPrologue(entry.payload));
      else lastOut.set(entry.trackId, entry.dts);
    }
    this.#writtenVersion = this.prologue.version;
    this.#marks.resume(entry.segment, entry.discontinuity, segmentStartMs);
    this.#fields.segment = entry.segment;
    this.#fields.discontinuity = entry.discontinuity;
    this.timeline.resume(lastMs, savedOffsetMs);
    for (const track of this.prologue.tracks) {
      const dts = lastOut.get(track.id);
      if (dts !== undefined) this.timeline.resumeTrack(track, dts);
    }
  }
}

/** What one publisher feeds. Video that comes before its first key frame is dropped: nobody could decode it. */
export class StreamInput implements MediaSink {
  readonly declared = new InputTracks();
  readonly continues: boolean;
  /** GOPs that this publisher began. */
  gops = 0;
  isDirty = false;
  /** The video track that single-track formats serve. */
  firstVideo: number | undefined;
  #isClosed = false;
  readonly #writer: StreamWriter;
  readonly #decodable = new Set<number>();

  constructor(writer: StreamWriter, continues: boolean) {
    this.#writer = writer;
    this.continues = continues;
    if (!continues) return;
    this.gops = 2;
    for (const track of writer.prologue.tracks) {
      this.declared.set(track);
      this.#decodable.add(track.id);
    }
    this.#tracksChanged();
    this.isDirty = false;
  }

  track(track: Track): void {
    this.declared.set(track);
    this.#tracksChanged();
  }

  trackEnd(trackId: number): void {
    this.declared.tracks.delete(trackId);
    this.#tracksChanged();
  }

  metadata(amf0: Uint8Array): void {
    this.declared.metadata = amf0.slice();
    this.isDirty = true;
  }

  frame(frame: Frame): void {
    if (this.#isClosed) return;
    if (frame.track.kind === "video" && !this.#decodable.has(frame.track.id)) {
      if (!frame.isKey) {
        this.#writer.counters.droppedBeforeKey++;
        return;
      }
      this.#decodable.add(frame.track.id);
    }
    this.#writer.append(this, frame);
  }

  /** Frames were lost on the way: video goes on at its next key frame. */
  resync(): void {
    this.#decodable.clear();
  }

  close(): void {
    this.#isClosed = true;
  }

  #tracksChanged(): void {
    this.isDirty = true;
    const videos = [...this.declared.tracks.values()].filter((track) => track.kind === "video").map((track) => track.id);
    this.firstVideo = videos.length > 0 ? Math.min(...videos) : undefined;
  }
}
