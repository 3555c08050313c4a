import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MediaError } from "../../base/media-error.ts";
import { fromHex } from "../../bytes/hex.ts";
import { readH264Sps } from "./sps.ts";

const VECTORS = [
  {
    name: "x264 Baseline with cropping",
    bytes: "6742c00dda05467889b011000003000100000300320f142aa0",
    sps: { profileIdc: 66, constraintFlags: 0xc0, levelIdc: 13, width: 322, height: 182, fps: 25 },
  },
  {
    name: "x264 1080p, cropped from 1088 lines, at 30000/1001",
    bytes: "6742c028da01e0089f97011000003e90000ea600f1832a",
    sps: { profileIdc: 66, constraintFlags: 0xc0, levelIdc: 40, width: 1920, height: 1080, fps: 29.97 },
  },
  {
    name: "x264 High, interlaced: map units are pairs of lines",
    bytes: "67640028ace8078044fde022000003000200000300643e2c5d40",
    sps: { profileIdc: 100, constraintFlags: 0, levelIdc: 40, width: 1920, height: 1080, fps: 25 },
  },
  {
    name: "x264 High 4:4:4, odd width and height",
    bytes: "67f40015919681519e108cffc2d402d244000003000400000301e03c58ba80",
    sps: { profileIdc: 244, constraintFlags: 0, levelIdc: 21, width: 321, height: 181, fps: 60 },
  },
  {
    name: "x264 High 4:2:2, 10 bits",
    bytes: "677a0015b6cb40a8cf111780880000030008000003032078b175",
    sps: { profileIdc: 122, constraintFlags: 0, levelIdc: 21, width: 322, height: 182, fps: 50 },
  },
];

describe("readH264Sps", () => {
  test.each(VECTORS)("reads $name", ({ bytes, sps }) => {
    expect(readH264Sps(fromHex(bytes))).toEqual(sps);
  });

  test("says where the bits run out", () => {
    expect(() => readH264Sps(fromHex("6742c00d"))).toThrow("h264 sps: need 1 bit, have 0 at bit 32");
  });

  test("refuses another NAL unit", () => {
    expect(() => readH264Sps(fromHex("68ce0fc8"))).toThrow("h264 sps: NAL unit type 8, not 7");
  });

  test("mutated parameter sets give a value or a MediaError", () => {
    const mutated = fc
      .tuple(fc.constantFrom(...VECTORS), fc.array(fc.tuple(fc.nat(24), fc.nat(255)), { maxLength: 6 }), fc.nat(26))
      .map(([vector, changes, length]) => {
        const bytes = fromHex(vector.bytes);
        for (const [at, value] of changes) bytes[at] = value;
        return bytes.subarray(0, length);
      });
    fc.assert(
      fc.property(mutated, (bytes) => {
        try {
          const sps = readH264Sps(bytes);
          expect(sps.width).toBeGreaterThan(0);
          expect(Number.isFinite(sps.fps)).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(MediaError);
        }
      }),
      { numRuns: 500 },
    );
  });
});
