import type { Prologue } from "../media/prologue.ts";
import { MAX_TRACKS_PER_KIND, type Track } from "../media/track.ts";

/** The tracks and metadata of one publisher as they arrive. */
export class InputTracks {
  readonly tracks = new Map<number, Track>();
  metadata: Uint8Array | undefined;

  set(track: Track): void {
    if (this.tracks.size < MAX_TRACKS_PER_KIND) this.tracks.set(track.id, track);
  }
}

/** The prologue in force, and whether what a publisher said since differs from it. */
export class PrologueState {
  #current: Prologue = { version: 0, tracks: [], metadata: new Uint8Array(0) };

  get current(): Prologue {
    return this.#current;
  }

  resume(prologue: Prologue): void {
    this.#current = prologue;
  }

  /**
   * Takes over what `input` has declared; true when anything changed. Tracks that it has not declared (yet) stay while `keepOthers`:
   * a publisher that comes back declares its tracks one after the other.
   */
  update(input: InputTracks, keepOthers: boolean): boolean {
    const tracks = new Map(input.tracks);
    if (keepOthers) for (const track of this.#current.tracks) if (!tracks.has(track.id)) tracks.set(track.id, track);
    const sorted = [...tracks.values()].sort((a, b) => a.id - b.id);
    const metadata = input.metadata ?? this.#current.metadata;
    if (sameTracks(sorted, this.#current.tracks) && sameBytes(metadata, this.#current.metadata)) return false;
    this.#current = { version: this.#current.version + 1, tracks: sorted, metadata };
    return true;
  }
}

/** True when a decoder that runs with `before` can go on with `after`. */
export function sameTracks(before: readonly Track[], after: readonly Track[]): boolean {
  return before.length === after.length && before.every((track, i) => sameTrack(track, after[i]));
}

export function sameTrack(a: Track, b: Track | undefined): boolean {
  return b !== undefined && a.id === b.id && a.codec === b.codec && a.timescale === b.timescale && sameBytes(a.config, b.config);
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
