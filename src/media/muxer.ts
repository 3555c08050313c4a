import type { ByteWriter } from "../bytes/byte-writer.ts";
import type { Frame } from "./frame.ts";
import type { Prologue } from "./prologue.ts";

/**
 * Writes a stream in one format. What it writes for a frame must not depend on who watches, and any GOP start must be a place
 * where a viewer can join after `writeStart`: that is what lets all viewers share the bytes.
 */
export interface Muxer {
  /** An upper bound of what `writeFrame` will write. */
  maxFrameBytes(frame: Frame): number;
  /** An upper bound of what `writeStart` or `writeChange` will write. */
  maxPrologueBytes(prologue: Prologue): number;
  /** The first bytes of a viewer: file header, metadata, decoder configurations, stamped with the time of the join point in ms. */
  writeStart(w: ByteWriter, prologue: Prologue, atMs: number): void;
  /** What viewers in mid-stream must learn when `before` becomes `after`. */
  writeChange(w: ByteWriter, before: Prologue, after: Prologue, atMs: number): void;
  /** At a GOP start, before its first frame: what lets a viewer join here (TS: the tables). Part of the shared bytes. */
  writeGopStart(w: ByteWriter, prologue: Prologue, atMs: number): void;
  /** Frames of tracks that the format does not carry write nothing. The payload is copied once, from the frame into `w`. */
  writeFrame(w: ByteWriter, frame: Frame): void;
  /** For a muxer that wrote one segment from its `writeStart` on into `w`: what closes the segment. Nothing may be written after it. */
  writeEnd?(w: ByteWriter): void;
}

/** A format, by name, and how to make its muxer. One muxer serves one stream on one thread. */
export interface Format {
  /** `flv`, `flv/audio`, `rtmp`, `ts`: the key of the rendition. */
  readonly name: string;
  createMuxer(): Muxer;
}
