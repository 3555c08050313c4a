import { LimitError } from "../base/media-error.ts";
import type { Frame, MediaSink } from "../media/frame.ts";
import type { Track } from "../media/track.ts";
import { FLAG_GOP_START, FLAG_KEY, FLAG_PROLOGUE, type SharedLog } from "./frame-log.ts";
import { FrameLogReader, LogEntry } from "./frame-log-reader.ts";
import { emptyFields, FrameLogWriter } from "./frame-log-writer.ts";
import { readPrologue, writePrologue } from "./prologue-codec.ts";
import { InputTracks } from "./prologue-state.ts";

/** An input log holds what its reader has not taken yet, for as long as a stalled owner may take to be replaced. */
const INPUT_WINDOW_MS = 15_000;
const INPUT_MAX_BYTES = 64 * 1024 * 1024;

/**
 * A publisher on one thread whose stream belongs to another: the same kind of log, with the publisher's own times.
 * A prologue entry goes in front of the first frame after every change.
 */
export class InputLogWriter implements MediaSink {
  readonly #log: FrameLogWriter;
  readonly #declared = new InputTracks();
  readonly #maxFrameBytes: number;
  readonly #onAppended: () => void;
  #version = 0;
  #isDirty = true;
  readonly #fields = emptyFields();

  constructor(options: { maxFrameBytes: number; onAppended: () => void; onReplaced: (log: SharedLog) => void }) {
    this.#maxFrameBytes = options.maxFrameBytes;
    this.#onAppended = options.onAppended;
    this.#log = FrameLogWriter.create({ windowMs: INPUT_WINDOW_MS, maxDataBytes: INPUT_MAX_BYTES }, options.onReplaced);
  }

  get shared(): SharedLog {
    return this.#log.shared;
  }

  track(track: Track): void {
    this.#declared.set(track);
    this.#isDirty = true;
  }

  trackEnd(trackId: number): void {
    this.#declared.tracks.delete(trackId);
    this.#isDirty = true;
  }

  metadata(amf0: Uint8Array): void {
    this.#declared.metadata = amf0.slice();
    this.#isDirty = true;
  }

  frame(frame: Frame): void {
    if (frame.payload.length > this.#maxFrameBytes) {
      throw new LimitError(`a frame of ${frame.payload.length} bytes is above the limit of ${this.#maxFrameBytes}`);
    }
    const isGopStart = frame.isKey && frame.track.kind !== "data";
    if (this.#isDirty || (frame.isKey && frame.track.kind === "video")) this.#writeTracks(frame, isGopStart);
    const fields = this.#fields;
    fields.flags = frame.isKey ? FLAG_KEY : 0;
    fields.trackId = frame.track.id;
    fields.dts = frame.dts;
    fields.pts = frame.pts;
    fields.ptsNanos = frame.ptsNanos;
    fields.arrivalMs = fields.timeMs = frame.arrivalMs;
    this.#log.append(fields, frame.payload);
    this.#onAppended();
  }

  #writeTracks(frame: Frame, isGopStart: boolean): void {
    if (this.#isDirty) this.#version++;
    this.#isDirty = false;
    const fields = this.#fields;
    fields.flags = FLAG_PROLOGUE | (isGopStart ? FLAG_GOP_START : 0);
    fields.trackId = -1;
    fields.version = this.#version;
    fields.arrivalMs = fields.timeMs = frame.arrivalMs;
    const { tracks, metadata = new Uint8Array(0) } = this.#declared;
    this.#log.append(fields, writePrologue({ version: this.#version, tracks: [...tracks.values()], metadata }));
  }
}

/** Where an owner thread stands in an input log is kept in shared memory, so that its successor goes on there. */
export class InputLogReader {
  readonly #reader: FrameLogReader;
  readonly #entry = new LogEntry();
  readonly #consumed: Int32Array;
  readonly #tracks = new Map<number, Track>();
  #version = -1;

  /** `consumed` is one shared word that belongs to this input. */
  constructor(log: SharedLog, consumed: SharedArrayBuffer) {
    this.#reader = new FrameLogReader(log);
    this.#consumed = new Int32Array(consumed);
    this.#restoreTracks(Atomics.load(this.#consumed, 0));
  }

  replaceLog(log: SharedLog): void {
    this.#reader.replace(log);
  }

  /** Hands everything new to `sink`. `onLost` is told when entries were overwritten before they were read. */
  drain(sink: MediaSink, onLost: () => void): void {
    if (this.#reader.isOvertaken) this.#recover(onLost);
    while (this.#reader.read(this.#entry)) {
      const payload = this.#entry.payload.slice();
      if (!this.#reader.isValid(this.#entry)) {
        this.#recover(onLost);
        continue;
      }
      this.#hand(payload, sink);
      Atomics.store(this.#consumed, 0, this.#reader.position);
    }
  }

  /** Goes to `start`, with the tracks that were declared before it. */
  #restoreTracks(start: number): void {
    this.#reader.seek(this.#reader.tail);
    while (this.#reader.position < start && this.#reader.read(this.#entry)) {
      if (!this.#entry.isPrologue) continue;
      const prologue = readPrologue(this.#entry.payload);
      this.#version = prologue.version;
      this.#tracks.clear();
      for (const track of prologue.tracks) this.#tracks.set(track.id, track);
    }
  }

  #recover(onLost: () => void): void {
    this.#reader.seek(this.#reader.newestGop ?? this.#reader.head);
    onLost();
  }

  #hand(payload: Uint8Array, sink: MediaSink): void {
    const entry = this.#entry;
    if (entry.isPrologue) {
      if (entry.version !== this.#version) this.#handTracks(payload, sink);
      return;
    }
    const track = this.#tracks.get(entry.trackId);
    if (!track) return;
    const { dts, pts, ptsNanos, isKey, arrivalMs } = entry;
    sink.frame({ track, dts, pts, ptsNanos, isKey, arrivalMs, payload });
  }

  #handTracks(payload: Uint8Array, sink: MediaSink): void {
    const prologue = readPrologue(payload);
    this.#version = prologue.version;
    const present = new Set(prologue.tracks.map((track) => track.id));
    for (const id of this.#tracks.keys()) {
      if (present.has(id)) continue;
      this.#tracks.delete(id);
      sink.trackEnd(id);
    }
    for (const track of prologue.tracks) {
      this.#tracks.set(track.id, track);
      sink.track(track);
    }
    if (prologue.metadata.length > 0) sink.metadata(prologue.metadata);
  }
}
