import { ByteWriter } from "../../src/bytes/byte-writer.ts";
import { flvFormat } from "../../src/containers/flv/flv-muxer.ts";
import type { Muxer } from "../../src/media/muxer.ts";
import type { Prologue } from "../../src/media/prologue.ts";
import type { Track } from "../../src/media/track.ts";
import type { EncodedFrame } from "./push-frame.ts";

/** One connection's FLV: header and decoder configurations first, then tags. Each call returns bytes that are the caller's. */
export class FlvOutput {
  readonly #muxer: Muxer = flvFormat("av").createMuxer();
  readonly #originUs: number;
  #prologue: Prologue;
  #lastMs = 0;

  /** `originUs`: the time that is 0 in this connection's stream. */
  constructor(tracks: readonly Track[], originUs: number) {
    this.#prologue = { version: 1, tracks, metadata: new Uint8Array() };
    this.#originUs = originUs;
  }

  start(): Uint8Array<ArrayBuffer> {
    const w = new ByteWriter(this.#muxer.maxPrologueBytes(this.#prologue));
    this.#muxer.writeStart(w, this.#prologue, 0);
    return ownBytes(w);
  }

  /** A track whose decoder configuration changed. */
  change(track: Track): Uint8Array<ArrayBuffer> {
    const before = this.#prologue;
    const tracks = before.tracks.map((each) => (each.id === track.id ? track : each));
    this.#prologue = { version: before.version + 1, tracks, metadata: before.metadata };
    const w = new ByteWriter(this.#muxer.maxPrologueBytes(this.#prologue));
    this.#muxer.writeChange(w, before, this.#prologue, this.#lastMs);
    return ownBytes(w);
  }

  /** Null for frames of a track that the stream did not begin with, or from before its begin. */
  frame(encoded: EncodedFrame): Uint8Array<ArrayBuffer> | null {
    const track = this.#prologue.tracks.find((each) => (each.kind === "video") === encoded.isVideo);
    const dts = Math.round((encoded.timestampUs - this.#originUs) / 1000);
    if (!track || dts < 0) return null;
    this.#lastMs = Math.max(this.#lastMs, dts);
    const frame = { track, dts, pts: dts, ptsNanos: 0, isKey: encoded.isKey, arrivalMs: 0, payload: encoded.payload };
    const w = new ByteWriter(this.#muxer.maxFrameBytes(frame));
    this.#muxer.writeFrame(w, frame);
    return ownBytes(w);
  }
}

function ownBytes(w: ByteWriter): Uint8Array<ArrayBuffer> {
  return new Uint8Array(w.toBytes());
}
