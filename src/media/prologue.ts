import type { Track, TrackKind } from "./track.ts";

/** All that a viewer must know before the first frame: tracks with their decoder configurations, and the publisher's metadata. */
export interface Prologue {
  /** Grows by one with every change, over the whole life of the stream. */
  readonly version: number;
  readonly tracks: readonly Track[];
  /** The publisher's `onMetaData` value as AMF0; empty when there was none. */
  readonly metadata: Uint8Array;
}

/** The track of a kind that single-track protocols serve: the one with the lowest id. */
export function firstTrack(prologue: Prologue, kind: TrackKind): Track | undefined {
  return prologue.tracks.filter((track) => track.kind === kind).sort((a, b) => a.id - b.id)[0];
}
