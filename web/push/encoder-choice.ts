import type { AudioCodec, VideoCodec } from "../../src/media/track.ts";
import { h264CodecString, type PictureSize } from "./picture-size.ts";
import { AUDIO_BPS, type PushSettings } from "./push-settings.ts";

export interface VideoChoice {
  readonly codec: VideoCodec;
  readonly config: VideoEncoderConfig;
}

export interface AudioChoice {
  readonly codec: AudioCodec;
  readonly config: AudioEncoderConfig;
}

export const SAMPLE_RATE = 48_000;
export const CHANNELS = 2;

/** The first of H.264 High, H.264 Baseline, VP9, VP8 that this browser encodes; null when it encodes none of them. */
export async function chooseVideo(size: PictureSize, settings: PushSettings): Promise<VideoChoice | null> {
  const common = {
    ...size,
    bitrate: settings.videoKbps * 1000,
    framerate: settings.fps,
    latencyMode: "realtime",
    bitrateMode: "variable",
  } as const;
  const avc = { avc: { format: "avc" } } as const; // length-prefixed, with the decoder configuration beside it
  const candidates: VideoChoice[] = [
    { codec: "h264", config: { ...common, ...avc, codec: h264CodecString(size, settings.fps, "high") } },
    { codec: "h264", config: { ...common, ...avc, codec: h264CodecString(size, settings.fps, "baseline") } },
    { codec: "vp9", config: { ...common, codec: "vp09.00.40.08" } },
    { codec: "vp8", config: { ...common, codec: "vp8" } },
  ];
  for (const choice of candidates) {
    const support = await VideoEncoder.isConfigSupported(choice.config).catch(() => null);
    if (support?.supported) return choice;
  }
  return null;
}

/** AAC where the browser has it (Windows, macOS, Android), else Opus; null when it has neither. */
export async function chooseAudio(): Promise<AudioChoice | null> {
  const common = { sampleRate: SAMPLE_RATE, numberOfChannels: CHANNELS, bitrate: AUDIO_BPS };
  const candidates: AudioChoice[] = [
    { codec: "aac", config: { ...common, codec: "mp4a.40.2" } },
    { codec: "opus", config: { ...common, codec: "opus" } },
  ];
  for (const choice of candidates) {
    const support = await AudioEncoder.isConfigSupported(choice.config).catch(() => null);
    if (support?.supported) return choice;
  }
  return null;
}

/** Why this page cannot publish at all, as a sentence; null when it can. */
export function missingAbilities(): string | null {
  if (!isSecureContext) {
    return "Browsers give camera and encoders only to pages from https or from localhost. Open this page that way, or publish with OBS or ffmpeg.";
  }
  if (!("VideoEncoder" in globalThis) || !("AudioEncoder" in globalThis)) {
    return "This browser has no WebCodecs encoders. Chrome, Edge, Safari 26 and Firefox 130 or newer have them; or publish with OBS or ffmpeg.";
  }
  return null;
}
