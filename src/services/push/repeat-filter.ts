import type { Frame, MediaSink } from "../../media/frame.ts";
import type { Track } from "../../media/track.ts";

/** Passes media on, without tracks and metadata that only repeat what is in force; frames name the track as it was told. */
export class RepeatFilter implements MediaSink {
  readonly #sink: MediaSink;
  readonly #tracks = new Map<number, Track>();
  #metadata: Uint8Array | undefined;

  constructor(sink: MediaSink) {
    this.#sink = sink;
  }

  track(track: Track): void {
    const told = this.#tracks.get(track.id);
    if (told && isSameTrack(told, track)) return;
    this.#tracks.set(track.id, track);
    this.#sink.track(track);
  }

  trackEnd(trackId: number): void {
    this.#tracks.delete(trackId);
    this.#sink.trackEnd(trackId);
  }

  metadata(amf0: Uint8Array): void {
    if (this.#metadata && Buffer.compare(this.#metadata, amf0) === 0) return;
    this.#metadata = amf0;
    this.#sink.metadata(amf0);
  }

  frame(frame: Frame): void {
    const track = this.#tracks.get(frame.track.id);
    this.#sink.frame(track === undefined || track === frame.track ? frame : { ...frame, track });
  }
}

function isSameTrack(a: Track, b: Track): boolean {
  return a.codec === b.codec && a.timescale === b.timescale && Buffer.compare(a.config, b.config) === 0;
}
