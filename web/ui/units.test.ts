import { describe, expect, it } from "vitest";
import { formatBitrate, formatFps, formatSeconds, formatUptime } from "./units.ts";

describe("numbers for people", () => {
  it.each([
    [0, "–"],
    [Number.NaN, "–"],
    [300, "1 kb/s"],
    [640_400, "640 kb/s"],
    [999_600, "1 Mb/s"],
    [4_249_000, "4.2 Mb/s"],
    [25_000_000, "25 Mb/s"],
  ])("writes a bitrate of %d as %s", (bps, text) => expect(formatBitrate(bps)).toBe(text));

  it.each([
    [null, "–"],
    [-5, "0.00 s"],
    [423, "0.42 s"],
    [12_345, "12.3 s"],
  ])("writes %s ms as %s", (ms, text) => expect(formatSeconds(ms)).toBe(text));

  it.each([
    [-100, "0 s"],
    [59_999, "59 s"],
    [60_000, "1 min"],
    [7_500_000, "2 h 05 min"],
    [99 * 3_600_000, "4 d 3 h"],
  ])("writes an uptime of %d ms as %s", (ms, text) => expect(formatUptime(ms)).toBe(text));

  it.each([
    [0, "–"],
    [29.97, "30"],
    [23.5, "23.5"],
    [60, "60"],
  ])("writes %d frames per second as %s", (fps, text) => expect(formatFps(fps)).toBe(text));
});
