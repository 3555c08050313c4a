import { firstTrack, type Prologue } from "../../media/prologue.ts";
import type { Track, TrackKind } from "../../media/track.ts";

/** Which kinds of media a viewer takes. Script data goes with all of them. */
export type FlvSelect = "av" | "audio" | "video";

/** The tracks that FLV and RTMP viewers are given: the first of each wanted kind, video before audio before data. */
export function servedTracks(prologue: Prologue, select: FlvSelect): Track[] {
  const kinds: TrackKind[] = select === "av" ? ["video", "audio", "data"] : [select, "data"];
  return kinds.map((kind) => firstTrack(prologue, kind)).filter((track) => track !== undefined);
}

/** A format's name: `flv`, `flv/audio`, `flv/video`. */
export function formatName(base: string, select: FlvSelect): string {
  return select === "av" ? base : `${base}/${select}`;
}

/**
 * Remembers which tracks are served while frames are written. It follows the prologues that lie in the shared bytes, GOP starts and
 * changes; that of a viewer who joins further back in time must not count.
 */
export class ServedTrackIds {
  readonly #select: FlvSelect;
  #video = -1;
  #audio = -1;
  #data = -1;
  #version = -1;

  constructor(select: FlvSelect) {
    this.#select = select;
  }

  follow(prologue: Prologue): void {
    if (prologue.version === this.#version) return;
    this.#version = prologue.version;
    const idOf = (kind: TrackKind) => (this.#wants(kind) ? (firstTrack(prologue, kind)?.id ?? -1) : -1);
    this.#video = idOf("video");
    this.#audio = idOf("audio");
    this.#data = idOf("data");
  }

  /** Whether `follow` was called: before that nothing is served. */
  get isKnown(): boolean {
    return this.#version >= 0;
  }

  serves(track: Track): boolean {
    return track.id === this.#video || track.id === this.#audio || track.id === this.#data;
  }

  #wants(kind: TrackKind): boolean {
    return kind === "data" || this.#select === "av" || this.#select === kind;
  }
}
