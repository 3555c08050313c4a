import { describe, expect, it } from "vitest";
import { DEFAULT_SETTINGS, readSettings, settingsProblems, suggestedKbps } from "./push-settings.ts";

describe("settings of the push page", () => {
  it("has defaults without problems", () => {
    expect(settingsProblems(DEFAULT_SETTINGS)).toEqual({});
    expect(readSettings({})).toEqual(DEFAULT_SETTINGS);
  });

  it("names the fields that are wrong", () => {
    const problems = settingsProblems({ ...DEFAULT_SETTINGS, app: "hls", name: "a/b", videoKbps: Number.NaN });
    expect(Object.keys(problems).sort()).toEqual(["app", "name", "videoKbps"]);
  });

  it("takes strings of a query as well as stored numbers", () => {
    expect(
      readSettings({ height: "360", fps: 60, source: "screen", hasAudio: "false", keyIntervalS: 1, videoKbps: "900" }),
    ).toMatchObject({
      height: 360,
      fps: 60,
      source: "screen",
      hasAudio: false,
      keyIntervalS: 1,
      videoKbps: 900,
    });
  });

  it("does not believe what it does not know", () => {
    expect(readSettings({ height: 7, fps: -1, source: "x", videoKbps: 1e9, app: 5 })).toEqual(DEFAULT_SETTINGS);
  });

  it("suggests more bits for larger and faster pictures", () => {
    expect(suggestedKbps(720, 30)).toBe(2500);
    expect(suggestedKbps(1080, 30)).toBeGreaterThan(5000);
    expect(suggestedKbps(360, 15)).toBe(400);
  });
});
