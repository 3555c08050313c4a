import { ByteWriter } from "../../bytes/byte-writer.ts";
import type { Frame } from "../../media/frame.ts";
import type { Prologue } from "../../media/prologue.ts";
import { TsMuxer, type TsSelection } from "./ts-muxer.ts";

/** What a segment takes at first; it grows by doubling. */
const INITIAL_BYTES = 256 * 1024;

/**
 * Writes one MPEG-TS segment for HLS, RFC 8216 §3.2: tables first, then frames. All state begins with the segment, so whoever writes the
 * same frames writes the same bytes; and each PID has a multiple of 16 packets, so that counters continue into the next segment.
 */
export class TsSegmentWriter {
  readonly #muxer: TsMuxer;
  readonly #w = new ByteWriter(INITIAL_BYTES);

  constructor(prologue: Prologue, selection: TsSelection = "av") {
    this.#muxer = new TsMuxer(selection);
    this.#muxer.writeStart(this.#w, prologue);
  }

  /** Bytes so far. */
  get bytesWritten(): number {
    return this.#w.offset;
  }

  /** The prologue changed within the segment; an audio track that is new is in the tables from here. */
  writeChange(before: Prologue, after: Prologue): void {
    this.#muxer.writeChange(this.#w, before, after);
  }

  /** Appends a frame; those of tracks that MPEG-TS does not carry are left out. Throws FormatError for a broken access unit. */
  writeFrame(frame: Frame): void {
    const start = this.#w.offset;
    try {
      this.#muxer.writeFrame(this.#w, frame);
    } catch (error) {
      this.#w.offset = start;
      throw error;
    }
  }

  /** The finished segment, owned by the caller. Nothing may be written after it. */
  finish(): Uint8Array {
    this.#muxer.alignCounters(this.#w);
    return this.#w.toBytes();
  }
}
