import type { Stream, StreamTrack } from "../streams/stream.ts";
import { codecName } from "../ui/codec-names.ts";

export type PlayerKind = "flv" | "hls";

/** What a player's demuxer understands, before the browser's decoders are asked. */
const DEMUXED: Readonly<Record<PlayerKind, ReadonlySet<string>>> = {
  flv: new Set(["h264", "hevc", "av1", "aac", "mp3", "opus", "flac"]),
  hls: new Set(["h264", "hevc", "aac", "mp3", "ac3"]),
};
/** Codecs whose MSE type is not `…/mp4; codecs="…"`. */
const OWN_TYPE: Readonly<Record<string, string>> = { mp3: "audio/mpeg" };

/** Why a stream cannot be shown here; the page makes a friendly sentence of it. */
export interface CodecProblem {
  readonly codec: string;
  readonly kind: "video" | "audio";
  /** `browser`: no decoder. `player`: this page's player cannot read it. */
  readonly lacks: "browser" | "player";
  /** The other page's player would work. */
  readonly other: PlayerKind | null;
  /** Nothing of the stream can be played; otherwise the rest plays without this track. */
  readonly isFatal: boolean;
}

/** Asks `MediaSource.isTypeSupported`, or what stands for it in a test. */
export type TypeSupport = (mimeType: string) => boolean;

/** The first track that `player` cannot play, video before audio; null when all is well or nothing is known yet. */
export function codecProblem(stream: Stream, player: PlayerKind, isTypeSupported: TypeSupport): CodecProblem | null {
  const other: PlayerKind = player === "flv" ? "hls" : "flv";
  for (const kind of ["video", "audio"] as const) {
    const track = stream.tracks.find((each) => each.kind === kind);
    const lacks = track ? missing(track, player, isTypeSupported) : null;
    if (!track || lacks === null) continue;
    const otherPlays = missing(track, other, isTypeSupported) === null;
    // hls.js leaves out sound that it cannot read; mpegts.js stops.
    const isFatal = kind === "video" || player === "flv" || stream.tracks.every((each) => each.kind !== "video");
    return { codec: codecName(track.codec), kind, lacks, other: otherPlays ? other : null, isFatal };
  }
  return null;
}

function missing(track: StreamTrack, player: PlayerKind, isTypeSupported: TypeSupport): "browser" | "player" | null {
  if (!DEMUXED[player].has(track.codec)) return "player";
  const type = OWN_TYPE[track.codec] ?? (track.codecString === "" ? null : `${track.kind}/mp4; codecs="${track.codecString}"`);
  return type === null || isTypeSupported(type) ? null : "browser";
}
