import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MediaError } from "../../base/media-error.ts";
import { fromHex } from "../../bytes/hex.ts";
import {
  canonicalHevcConfig,
  HEVC_PPS,
  HEVC_SPS,
  HEVC_VPS,
  hevcParameterSets,
  readHevcConfig,
  writeHevcConfig,
} from "./hevc-config.ts";
import { hevcConfigOf, readHevcSps } from "./sps.ts";

const VPS = fromHex("40010c01ffff01600000030090000003000003003c959809");
const PPS = fromHex("4401c172b46240");
const VECTORS = [
  {
    name: "x265 Main with a conformance window",
    bytes: "42010101600000030090000003000003003ca00a480b9c9596566924caf0168080000003008000000c84",
    sps: {
      generalProfileIdc: 1,
      generalLevelIdc: 60,
      chromaFormatIdc: 1,
      bitDepthLumaMinus8: 0,
      width: 322,
      height: 182,
      fps: 25,
    },
  },
  {
    name: "x265 Main 10, 1080p at 30000/1001",
    bytes: "420101022000000300900000030000030078a003c08010e4d96566924caf01680800001f480003a98040",
    sps: {
      generalProfileIdc: 2,
      generalLevelIdc: 120,
      chromaFormatIdc: 1,
      bitDepthLumaMinus8: 2,
      width: 1920,
      height: 1080,
      fps: 29.97,
    },
  },
  {
    name: "x265 Main 4:4:4",
    bytes: "4201010408000003009e0800000300003c90014901739ef2cacd24995e02d0100000030010000003032080",
    sps: {
      generalProfileIdc: 4,
      generalLevelIdc: 60,
      chromaFormatIdc: 3,
      bitDepthLumaMinus8: 0,
      width: 322,
      height: 182,
      fps: 50,
    },
  },
];

describe("readHevcSps", () => {
  test.each(VECTORS)("reads $name", ({ bytes, sps }) => {
    expect(readHevcSps(fromHex(bytes))).toMatchObject(sps);
  });

  test("refuses another NAL unit and nothing at all", () => {
    expect(() => readHevcSps(PPS)).toThrow("hevc sps: NAL unit type 34, not 33");
    expect(() => readHevcSps(Uint8Array.of())).toThrow("hevc sps: NAL unit type 0, not 33");
  });

  test("mutated parameter sets give a value or a MediaError", () => {
    const mutated = fc
      .tuple(
        fc.constantFrom(...VECTORS),
        fc.array(fc.tuple(fc.integer({ min: 2, max: 40 }), fc.nat(255)), { maxLength: 6 }),
        fc.nat(44),
      )
      .map(([vector, changes, length]) => {
        const bytes = fromHex(vector.bytes);
        for (const [at, value] of changes) bytes[at] = value;
        return bytes.subarray(0, length);
      });
    fc.assert(
      fc.property(mutated, (bytes) => {
        try {
          const sps = readHevcSps(bytes);
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

describe("HEVCDecoderConfigurationRecord", () => {
  const sps = fromHex(VECTORS[0]!.bytes);
  const record = writeHevcConfig(hevcConfigOf([VPS], [sps], [PPS]));

  test("made from parameter sets it begins as ISO/IEC 14496-15 lays it out", () => {
    expect(record.subarray(0, 23)).toEqual(fromHex("01 01 60000000 900000000000 3c f000 fc fd f8 f8 0000 0f 03"));
  });

  test("reads what was written", () => {
    const config = readHevcConfig(record);
    expect(config).toEqual(hevcConfigOf([VPS], [sps], [PPS]));
    expect(writeHevcConfig(config)).toEqual(record);
    expect([HEVC_VPS, HEVC_SPS, HEVC_PPS].map((type) => hevcParameterSets(config, type))).toEqual([[VPS], [sps], [PPS]]);
  });

  test("the canonical record says 4-byte lengths and is a copy", () => {
    const oneByte = record.slice();
    oneByte[21] = 0x0c;
    expect(readHevcConfig(oneByte).lengthSize).toBe(1);
    expect(canonicalHevcConfig(oneByte)).toEqual(record);
    expect(oneByte[21]).toBe(0x0c);
  });

  test("a record cut anywhere is a FormatError", () => {
    for (let length = 0; length < record.length; length++) {
      expect(() => readHevcConfig(record.subarray(0, length))).toThrow(/^hvcC: /);
    }
  });

  test("random bytes give a record or a MediaError", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        try {
          readHevcConfig(Uint8Array.of(1, ...bytes));
        } catch (error) {
          expect(error).toBeInstanceOf(MediaError);
        }
      }),
    );
  });
});
