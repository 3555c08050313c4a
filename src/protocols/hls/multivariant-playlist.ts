import { assert } from "../../base/assert.ts";

/** One variant stream. RFC 8216 §4.3.4.2. */
export interface Variant {
  readonly uri: string;
  /** Peak of any segment, in bits per second; required. */
  readonly bandwidthBps: number;
  readonly averageBandwidthBps?: number;
  /** RFC 6381 strings of all its tracks: `["avc1.64001f", "mp4a.40.2"]`; left out when empty. */
  readonly codecs: readonly string[];
  /** Pixels; 0 when not known. */
  readonly width: number;
  readonly height: number;
  /** Frames per second; 0 when not known. */
  readonly frameRate: number;
}

/** Writes a multivariant ("master") playlist. RFC 8216 §4.3.4. */
export function writeMultivariantPlaylist(variants: readonly Variant[]): string {
  const lines = ["#EXTM3U", "#EXT-X-VERSION:3", "#EXT-X-INDEPENDENT-SEGMENTS"];
  for (const variant of variants) {
    assert(!/[\r\n]/.test(variant.uri), "a playlist's URI is one line");
    lines.push(`#EXT-X-STREAM-INF:${attributes(variant).join(",")}`, variant.uri);
  }
  return `${lines.join("\n")}\n`;
}

function attributes(variant: Variant): string[] {
  const list = [`BANDWIDTH=${Math.max(1, Math.ceil(variant.bandwidthBps))}`]; // a decimal-integer, and 0 would say nothing
  if (variant.averageBandwidthBps !== undefined) list.push(`AVERAGE-BANDWIDTH=${Math.ceil(variant.averageBandwidthBps)}`);
  if (variant.codecs.length > 0) list.push(`CODECS=${quoted(variant.codecs.join(","))}`);
  if (variant.width > 0 && variant.height > 0) list.push(`RESOLUTION=${variant.width}x${variant.height}`);
  if (variant.frameRate > 0) list.push(`FRAME-RATE=${variant.frameRate.toFixed(3)}`);
  return list;
}

/** A quoted-string has no way to escape. §4.2. */
function quoted(text: string): string {
  assert(!/["\r\n]/.test(text), "a quoted-string holds no quote and no line break");
  return `"${text}"`;
}
