import { describe, expect, it } from "vitest";
import { fitSize, h264CodecString } from "./picture-size.ts";

describe("the size that is encoded", () => {
  it.each([
    [{ width: 1920, height: 1080 }, 720, { width: 1280, height: 720 }],
    [{ width: 640, height: 480 }, 720, { width: 640, height: 480 }],
    [{ width: 1080, height: 1920 }, 720, { width: 720, height: 1280 }],
    [{ width: 1367, height: 769 }, 1080, { width: 1368, height: 770 }],
  ])("of %j at %d lines is %j", (source, lines, size) => expect(fitSize(source, lines)).toEqual(size));
});

describe("the H.264 level", () => {
  it.each([
    [1280, 720, 30, "avc1.64001f"],
    [1280, 720, 60, "avc1.640020"],
    [1920, 1080, 30, "avc1.640028"],
    [1920, 1080, 60, "avc1.64002a"],
    [640, 360, 30, "avc1.64001e"],
    [3840, 2160, 60, "avc1.640034"],
  ])("of %d × %d at %d fps gives %s", (width, height, fps, codec) =>
    expect(h264CodecString({ width, height }, fps, "high")).toBe(codec),
  );

  it("names Constrained Baseline", () => {
    expect(h264CodecString({ width: 1280, height: 720 }, 30, "baseline")).toBe("avc1.42e01f");
  });
});
