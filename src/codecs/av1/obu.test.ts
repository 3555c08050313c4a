import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MediaError } from "../../base/media-error.ts";
import { ByteReader } from "../../bytes/byte-reader.ts";
import { ByteWriter } from "../../bytes/byte-writer.ts";
import { fromHex } from "../../bytes/hex.ts";
import { av1ConfigOfDescriptor } from "./av1-config.ts";
import { canonicalTemporalUnit, obus, readLeb128, writeLeb128 } from "./obu.ts";
import { readAv1SequenceHeader } from "./sequence-header.ts";

describe("canonicalTemporalUnit", () => {
  test("temporal delimiters go, and the last OBU gets its size", () => {
    expect(canonicalTemporalUnit(fromHex("1200 0a02aabb 30cc"))).toEqual(fromHex("0a02aabb 3201cc"));
  });

  test("an extension byte stays", () => {
    expect(canonicalTemporalUnit(fromHex("3408cc"))).toEqual(fromHex("360801cc"));
  });

  test("what is canonical already is not copied", () => {
    const unit = fromHex("0a02aabb 3201cc");
    expect(canonicalTemporalUnit(unit)).toBe(unit);
  });

  test("is canonical once done, whatever it was given", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        try {
          const canonical = canonicalTemporalUnit(bytes);
          expect(canonicalTemporalUnit(canonical)).toBe(canonical);
          for (const obu of obus(canonical)) expect([obu.hasSizeField, obu.type === 2]).toEqual([true, false]);
        } catch (error) {
          if (!(error instanceof MediaError)) throw error;
        }
      }),
    );
  });

  test("a size beyond the end, the forbidden bit and OBUs without number are refused", () => {
    expect(() => canonicalTemporalUnit(fromHex("0a05aa"))).toThrow("av1: need 5 bytes, have 1 at byte 2");
    expect(() => canonicalTemporalUnit(fromHex("8a00"))).toThrow("av1: obu_forbidden_bit set at byte 0");
    expect(() => canonicalTemporalUnit(fromHex("0a00".repeat(1025)))).toThrow("more than 1024 OBUs");
  });
});

test("leb128 reads what was written, and nothing above 32 bits", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 0xffffffff }), (value) => {
      const w = new ByteWriter();
      writeLeb128(w, value);
      expect(readLeb128(new ByteReader(w.toBytes(), "av1"))).toBe(value);
    }),
  );
  expect(() => readLeb128(new ByteReader(fromHex("ffffffff1f"), "av1"))).toThrow("av1: leb128 above 32 bits");
  expect(() => readLeb128(new ByteReader(fromHex("808080808080808000"), "av1"))).toThrow("av1: leb128 above 32 bits");
});

describe("readAv1SequenceHeader", () => {
  test("reads libaom's and SVT-AV1's", () => {
    expect(readAv1SequenceHeader(fromHex("000000043d06d4daf90040"))).toEqual({ seqProfile: 0, width: 322, height: 182, fps: 0 });
    expect(readAv1SequenceHeader(fromHex("000000043d06d402f80040"))).toMatchObject({ width: 322, height: 182 });
  });

  test("reads the rate where the header has an equal picture interval", () => {
    // timing_info: 1001 ticks of 30000, equal interval, one tick a picture; no decoder model; then as libaom's
    const head = "000 0 0 1";
    const timing = `${(1001).toString(2).padStart(32, "0")} ${(30000).toString(2).padStart(32, "0")} 1 1 0`;
    const rest = "0 00000 000000000000 00000 1000 0111 101000001 10110101";
    const bits = `${head}${timing}${rest}`.replaceAll(" ", "").padEnd(128, "0");
    const bytes = Uint8Array.from({ length: 16 }, (_, i) => Number.parseInt(bits.slice(8 * i, 8 * i + 8), 2));
    expect(readAv1SequenceHeader(bytes)).toEqual({ seqProfile: 0, width: 322, height: 182, fps: 29.97 });
  });

  test("a picture for stills has a short header", () => {
    const bits = "000 1 1 00000 1000 0111 101000001 10110101".replaceAll(" ", "").padEnd(40, "0");
    const bytes = Uint8Array.from({ length: 5 }, (_, i) => Number.parseInt(bits.slice(8 * i, 8 * i + 8), 2));
    expect(readAv1SequenceHeader(bytes)).toMatchObject({ width: 322, height: 182 });
  });
});

test("a video descriptor of MPEG-2 TS becomes the record, without its HDR bits", () => {
  expect(av1ConfigOfDescriptor(fromHex("8004 81000cd3"))).toEqual(fromHex("81000c13"));
  expect(() => av1ConfigOfDescriptor(fromHex("8104 81000cd3"))).toThrow("av1 descriptor: tag 0x81, not 0x80");
  expect(() => av1ConfigOfDescriptor(fromHex("8003 81000c"))).toThrow("av1 descriptor: need 4 bytes, have 3");
});
