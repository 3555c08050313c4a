import { type AudioCodec, type Codec, type Track, trackId, type VideoCodec } from "../media/track.ts";
import { aac } from "./aac/aac.ts";
import { ac3, eac3 } from "./ac3/ac3.ts";
import { av1 } from "./av1/av1.ts";
import { audioDescription, type CodecDescription, type CodecEntry } from "./codec-entry.ts";
import { flac } from "./flac/flac.ts";
import { h264 } from "./h264/h264.ts";
import { hevc } from "./hevc/hevc.ts";
import { mp3 } from "./mp3/mp3.ts";
import { opus } from "./opus/opus.ts";
import { vp8 } from "./vp9/vp8.ts";
import { vp9 } from "./vp9/vp9.ts";

export type { CodecDescription, CodecEntry } from "./codec-entry.ts";

/** G.711 and Speex as FLV has them: one rate, mono, no configuration. */
function fixed(codecString: string, sampleRate: number): CodecEntry {
  return { kind: "audio", needsConfig: false, describe: () => audioDescription(codecString, sampleRate, 1) };
}

const videoCodecs: Record<VideoCodec, CodecEntry> = { h264, hevc, av1, vp9, vp8 };
const audioCodecs: Record<AudioCodec, CodecEntry> = {
  aac,
  opus,
  mp3,
  ac3,
  eac3,
  flac,
  pcma: fixed("alaw", 8000),
  pcmu: fixed("ulaw", 8000),
  speex: fixed("speex", 16_000),
};

/** Every codec, and what it knows of itself. */
export const CODECS: Record<Codec, CodecEntry> = {
  ...videoCodecs,
  ...audioCodecs,
  amf0: { kind: "data", needsConfig: false, describe: () => audioDescription("") },
};

/**
 * What a decoder configuration in canonical form (`docs/frames.md`) says. Throws FormatError when it is malformed. The `fps` is what
 * the encoder declared: 0 when it did not.
 */
export function describeCodec(codec: Codec, config: Uint8Array): CodecDescription {
  return CODECS[codec].describe(config);
}

/**
 * The track for a decoder configuration in canonical form, which the track keeps. With a first frame, what only frames say (the size
 * in VP9, the rate in MP3) is read from it. Throws FormatError when the configuration is malformed.
 */
export function createTrack(codec: Codec, index: number, timescale: number, config: Uint8Array, firstFrame?: Uint8Array): Track {
  const { kind, describe, describeFrame } = CODECS[codec];
  const known = describe(config);
  const { width, height, sampleRate, channels } = (firstFrame && describeFrame?.(firstFrame, known)) ?? known;
  return { id: trackId(kind, index), kind, codec, timescale, config, width, height, sampleRate, channels };
}
