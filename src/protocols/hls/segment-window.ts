import { assert } from "../../base/assert.ts";
import { writeMediaPlaylist } from "./media-playlist.ts";

/** A segment that is complete. */
export interface FinishedSegment {
  /** Its media sequence number: grows by one with each segment over the whole life of the stream. */
  readonly number: number;
  readonly durationMs: number;
  /** It does not continue the timestamps, tracks or encoding of the segment before. */
  readonly isDiscontinuous: boolean;
  /** Wall clock of its first frame in ms since 1970, when known. */
  readonly programDateTimeMs?: number | undefined;
  /** Kept, not copied. */
  readonly bytes: Uint8Array;
}

export interface SegmentWindowOptions {
  /** Segments in the playlist; more stay while they are needed for three target durations. */
  readonly playlistSegments: number;
  /** The longest segment that is expected: it fixes EXT-X-TARGETDURATION, which may not change in a playlist's life. */
  readonly maxSegmentMs: number;
  /** Bound of all segments held. It wins over everything else; the newest segment is always held. */
  readonly maxBytes: number;
  /** The URI of a segment in the playlist. */
  readonly uriOf: (number: number) => string;
}

interface Held {
  readonly segment: FinishedSegment;
  /** Media time, by `#endMs`, until which a segment that left the playlist can be fetched. */
  keepUntilMs: number;
}

/**
 * The segments of a live stream that a client may ask for: those in its playlist, and those that left it a moment ago, which a client
 * with an older playlist still wants. RFC 8216 §6.2.2. Time is the media's own, so no clock is needed and equal segments give equal playlists.
 */
export class SegmentWindow {
  readonly #options: SegmentWindowOptions;
  /** In the playlist, oldest first, consecutive numbers. */
  readonly #listed: FinishedSegment[] = [];
  /** Numbers in the playlist whose media is missing. */
  readonly #gaps = new Set<number>();
  /** Out of the playlist, oldest first. */
  readonly #removed: Held[] = [];
  #targetDuration: number;
  #discontinuitySequence = 0;
  #heldBytes = 0;
  /** Media time at the end of the newest segment, counted from the first. */
  #endMs = 0;
  #longestPlaylistMs = 0;
  #isEnded = false;
  #playlist: string | undefined;

  constructor(options: SegmentWindowOptions) {
    this.#options = options;
    this.#targetDuration = Math.max(1, Math.ceil(options.maxSegmentMs / 1000));
  }

  /** Bytes of all segments held. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** Numbers of the oldest and newest segment in the playlist; undefined before the first. */
  get range(): { first: number; last: number } | undefined {
    const [first, last] = [this.#listed[0], this.#listed.at(-1)];
    return first && last ? { first: first.number, last: last.number } : undefined;
  }

  /** Says how many discontinuities the stream had before the first segment, which may be a late one. To be called before `add`. */
  beginAt(discontinuitySequence: number): void {
    assert(this.#listed.length === 0, "the list has begun");
    this.#discontinuitySequence = discontinuitySequence;
  }

  /**
   * Adds the next segment. Numbers that are missing before it are listed as gaps, so that the numbers of the others stay right; after
   * more missing ones than a playlist holds it begins anew. A segment longer than expected raises the target duration for good.
   */
  add(segment: FinishedSegment): void {
    assert(!this.#isEnded, "a segment after the end of the list");
    const last = this.#listed.at(-1);
    assert(last === undefined || segment.number > last.number, "segment numbers grow");
    if (last !== undefined) this.#fillGap(last, segment);
    this.#list(segment);
    this.#trim();
  }

  /** Says that no segment will follow. */
  end(): void {
    this.#isEnded = true;
    this.#playlist = undefined;
  }

  /** The bytes of a segment, while it is held. */
  segment(number: number): Uint8Array | undefined {
    if (this.#gaps.has(number)) return undefined;
    const first = this.#listed[0]?.number ?? 0;
    const found =
      number >= first ? this.#listed[number - first] : this.#removed.find((held) => held.segment.number === number)?.segment;
    return found?.bytes;
  }

  /** The text of the media playlist; undefined before the first segment, when there is nothing that a client could play. */
  playlist(): string | undefined {
    const first = this.#listed[0];
    if (first === undefined) return undefined;
    this.#playlist ??= writeMediaPlaylist({
      targetDuration: this.#targetDuration,
      mediaSequence: first.number,
      discontinuitySequence: this.#discontinuitySequence,
      isEnded: this.#isEnded,
      entries: this.#listed.map((segment) => ({
        uri: this.#options.uriOf(segment.number),
        durationMs: segment.durationMs,
        isDiscontinuous: segment.isDiscontinuous,
        programDateTimeMs: segment.programDateTimeMs,
        isGap: this.#gaps.has(segment.number),
      })),
    });
    return this.#playlist;
  }

  #list(segment: FinishedSegment): void {
    this.#listed.push(segment);
    this.#heldBytes += segment.bytes.length;
    this.#endMs += segment.durationMs;
    this.#targetDuration = Math.max(this.#targetDuration, Math.round(segment.durationMs / 1000));
    this.#playlist = undefined;
  }

  #fillGap(last: FinishedSegment, next: FinishedSegment): void {
    const missing = next.number - last.number - 1;
    if (missing > this.#options.playlistSegments) {
      while (this.#listed.length > 0) this.#unlist();
      return;
    }
    for (let i = 1; i <= missing; i++) {
      this.#gaps.add(last.number + i);
      this.#list({
        number: last.number + i,
        durationMs: this.#options.maxSegmentMs,
        isDiscontinuous: false,
        bytes: new Uint8Array(0),
      });
    }
  }

  #trim(): void {
    this.#longestPlaylistMs = Math.max(this.#longestPlaylistMs, this.#listedMs());
    while (this.#listed.length > this.#options.playlistSegments && this.#mayUnlist()) this.#unlist();
    while (this.#removed.length > 0 && (this.#removed[0]?.keepUntilMs ?? 0) <= this.#endMs) this.#forget();
    while (this.#heldBytes > this.#options.maxBytes) {
      if (this.#removed.length > 0) this.#forget();
      else if (this.#listed.length > 1) this.#unlist();
      else return;
    }
  }

  #listedMs(): number {
    return this.#listed.reduce((sum, segment) => sum + segment.durationMs, 0);
  }

  /** §6.2.2: a segment may leave only when what stays is at least three target durations long. */
  #mayUnlist(): boolean {
    return this.#listedMs() - (this.#listed[0]?.durationMs ?? 0) >= 3 * this.#targetDuration * 1000;
  }

  /** §6.2.2: what leaves the playlist stays available for its duration and that of the longest playlist it was in. */
  #unlist(): void {
    const segment = this.#listed.shift();
    assert(segment !== undefined, "an empty playlist has nothing to remove");
    this.#playlist = undefined;
    if (segment.isDiscontinuous) this.#discontinuitySequence++;
    if (this.#gaps.delete(segment.number)) return;
    this.#removed.push({ segment, keepUntilMs: this.#endMs + segment.durationMs + this.#longestPlaylistMs });
  }

  #forget(): void {
    this.#heldBytes -= this.#removed.shift()?.segment.bytes.length ?? 0;
  }
}
