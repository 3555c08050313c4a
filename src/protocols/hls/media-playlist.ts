import { assert } from "../../base/assert.ts";

/** One entry of a media playlist. */
export interface PlaylistEntry {
  /** Relative or absolute; no line breaks. */
  readonly uri: string;
  readonly durationMs: number;
  /** Its timestamps, tracks or encoding do not continue the entry before: EXT-X-DISCONTINUITY. RFC 8216 §4.3.2.3. */
  readonly isDiscontinuous: boolean;
  /** Wall clock of its first frame in ms since 1970, when known: EXT-X-PROGRAM-DATE-TIME. §4.3.2.6. */
  readonly programDateTimeMs?: number | undefined;
  /** The media is missing and must not be asked for: EXT-X-GAP. */
  readonly isGap?: boolean;
}

export interface MediaPlaylist {
  /** Whole seconds, at least every rounded duration. §4.3.3.1. */
  readonly targetDuration: number;
  /** Number of the first entry. §4.3.3.2. */
  readonly mediaSequence: number;
  /** Discontinuities in front of the first entry; that entry's own is not among them. §4.3.3.3. */
  readonly discontinuitySequence: number;
  readonly entries: readonly PlaylistEntry[];
  /** No entry will follow: EXT-X-ENDLIST. §4.3.3.4. */
  readonly isEnded: boolean;
}

/** Decimal durations came with version 3 (§7), EXT-X-GAP with version 8. */
const VERSION = 3;
const VERSION_WITH_GAPS = 8;

/** Writes a live media playlist, RFC 8216 §4. Every segment is said to be independent: it begins with a key frame. */
export function writeMediaPlaylist(playlist: MediaPlaylist): string {
  const hasGap = playlist.entries.some((entry) => entry.isGap);
  const lines = [
    "#EXTM3U",
    `#EXT-X-VERSION:${hasGap ? VERSION_WITH_GAPS : VERSION}`,
    "#EXT-X-INDEPENDENT-SEGMENTS",
    `#EXT-X-TARGETDURATION:${playlist.targetDuration}`,
    `#EXT-X-MEDIA-SEQUENCE:${playlist.mediaSequence}`,
    `#EXT-X-DISCONTINUITY-SEQUENCE:${playlist.discontinuitySequence}`,
  ];
  for (const entry of playlist.entries) pushEntry(lines, entry, playlist.targetDuration);
  if (playlist.isEnded) lines.push("#EXT-X-ENDLIST");
  return `${lines.join("\n")}\n`;
}

function pushEntry(lines: string[], entry: PlaylistEntry, targetDuration: number): void {
  assert(Math.round(entry.durationMs / 1000) <= targetDuration, "a segment is longer than the target duration");
  assert(!/[\r\n]/.test(entry.uri), "a segment's URI is one line");
  if (entry.isDiscontinuous) lines.push("#EXT-X-DISCONTINUITY");
  if (entry.programDateTimeMs !== undefined) {
    lines.push(`#EXT-X-PROGRAM-DATE-TIME:${new Date(entry.programDateTimeMs).toISOString()}`);
  }
  if (entry.isGap) lines.push("#EXT-X-GAP");
  lines.push(`#EXTINF:${(entry.durationMs / 1000).toFixed(3)},`, entry.uri);
}
