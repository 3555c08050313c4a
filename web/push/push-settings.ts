import { nameProblem } from "../streams/stream-name.ts";

export type SourceKind = "camera" | "screen" | "test";

/** What the form of the push page holds. */
export interface PushSettings {
  readonly app: string;
  readonly name: string;
  readonly source: SourceKind;
  /** Lines of the picture; the width follows from the source's shape. */
  readonly height: number;
  readonly fps: number;
  readonly videoKbps: number;
  readonly keyIntervalS: number;
  readonly hasAudio: boolean;
}

export const HEIGHTS: readonly number[] = [360, 480, 720, 1080];
export const FRAME_RATES: readonly number[] = [15, 24, 25, 30, 60];
export const KEY_INTERVALS: readonly number[] = [1, 2, 4];
const MIN_VIDEO_KBPS = 100;
const MAX_VIDEO_KBPS = 20_000;
export const AUDIO_BPS = 128_000;

export const DEFAULT_SETTINGS: PushSettings = {
  app: "live",
  name: "browser",
  source: "test",
  height: 720,
  fps: 30,
  videoKbps: 2500,
  keyIntervalS: 2,
  hasAudio: true,
};

/** A bitrate that suits the size: about 0.09 bits per pixel, in round numbers. */
export function suggestedKbps(height: number, fps: number): number {
  const pixels = height * Math.round((height * 16) / 9) * fps;
  return Math.max(400, Math.round((pixels * 0.09) / 1000 / 100) * 100);
}

/** What is wrong with the settings, by field; empty when they will do. */
export function settingsProblems(settings: PushSettings): Partial<Record<"app" | "name" | "videoKbps", string>> {
  const problems: Partial<Record<"app" | "name" | "videoKbps", string>> = {};
  const app = nameProblem(settings.app, "app");
  const name = nameProblem(settings.name, "name");
  if (app !== null) problems.app = app;
  if (name !== null) problems.name = name;
  if (!(settings.videoKbps >= MIN_VIDEO_KBPS && settings.videoKbps <= MAX_VIDEO_KBPS)) {
    problems.videoKbps = `Between ${MIN_VIDEO_KBPS} and ${MAX_VIDEO_KBPS} kb/s.`;
  }
  return problems;
}

/** Takes what it can use of stored or queried values; everything else is the default. */
export function readSettings(values: Readonly<Record<string, unknown>>): PushSettings {
  const oneOf = <T>(value: unknown, allowed: readonly T[], fallback: T): T =>
    allowed.find((each) => String(each) === String(value)) ?? fallback;
  const kbps = Number(values.videoKbps);
  const height = oneOf(values.height, HEIGHTS, DEFAULT_SETTINGS.height);
  const fps = oneOf(values.fps, FRAME_RATES, DEFAULT_SETTINGS.fps);
  return {
    app: typeof values.app === "string" ? values.app : DEFAULT_SETTINGS.app,
    name: typeof values.name === "string" ? values.name : DEFAULT_SETTINGS.name,
    source: oneOf<SourceKind>(values.source, ["camera", "screen", "test"], DEFAULT_SETTINGS.source),
    height,
    fps,
    videoKbps: kbps >= MIN_VIDEO_KBPS && kbps <= MAX_VIDEO_KBPS ? Math.round(kbps) : suggestedKbps(height, fps),
    keyIntervalS: oneOf(values.keyIntervalS, KEY_INTERVALS, DEFAULT_SETTINGS.keyIntervalS),
    hasAudio: values.hasAudio === undefined ? DEFAULT_SETTINGS.hasAudio : String(values.hasAudio) === "true",
  };
}
