/** Width and height in pixels. */
export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/** The size to encode: at most `maxHeight` lines, never larger than the source, in its shape. Even, for 4:2:0 chroma has half the lines. */
export function fitSize(source: PictureSize, maxHeight: number): PictureSize {
  const scale = Math.min(1, maxHeight / Math.min(source.height, source.width));
  const even = (value: number) => Math.max(2, Math.round((value * scale) / 2) * 2);
  return { width: even(source.width), height: even(source.height) };
}

/** Level × 10, macroblocks per second, macroblocks per picture. ITU-T H.264, table A-1. */
const LEVELS: readonly (readonly [level: number, perSecond: number, perPicture: number])[] = [
  [30, 40_500, 1620],
  [31, 108_000, 3600],
  [32, 216_000, 5120],
  [40, 245_760, 8192],
  [42, 522_240, 8704],
  [50, 589_824, 22_080],
  [51, 983_040, 36_864],
  [52, 2_073_600, 36_864],
];

/** `avc1.64001f`: High profile, or Constrained Baseline, at the lowest level that holds the picture. RFC 6381. */
export function h264CodecString({ width, height }: PictureSize, fps: number, profile: "high" | "baseline"): string {
  const perPicture = Math.ceil(width / 16) * Math.ceil(height / 16);
  const level = LEVELS.find(([, mbps, mbs]) => perPicture <= mbs && perPicture * fps <= mbps)?.[0] ?? 52;
  return `avc1.${profile === "high" ? "6400" : "42e0"}${level.toString(16)}`;
}
