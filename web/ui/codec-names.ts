import type { StreamTrack } from "../streams/stream.ts";

const NAMES: Readonly<Record<string, string>> = {
  h264: "H.264",
  hevc: "HEVC",
  av1: "AV1",
  vp9: "VP9",
  vp8: "VP8",
  aac: "AAC",
  opus: "Opus",
  mp3: "MP3",
  ac3: "AC-3",
  eac3: "E-AC-3",
  flac: "FLAC",
  pcma: "G.711 A-law",
  pcmu: "G.711 µ-law",
  speex: "Speex",
};

/** The name people know a codec by. */
export function codecName(codec: string): string {
  return NAMES[codec] ?? codec.toUpperCase();
}

/** `1280 × 720`, or nothing while the size is unknown. */
export function pictureSize(track: StreamTrack | undefined): string {
  return track && track.width > 0 ? `${track.width} × ${track.height}` : "";
}

/** `48 kHz stereo`. */
export function soundShape(track: StreamTrack | undefined): string {
  if (!track || track.sampleRate <= 0) return "";
  const channels = track.channels === 1 ? "mono" : track.channels === 2 ? "stereo" : `${track.channels} channels`;
  return `${Number((track.sampleRate / 1000).toFixed(2))} kHz ${channels}`;
}
