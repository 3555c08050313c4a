import { describe, expect, test } from "vitest";
import { ByteReader } from "./byte-reader.ts";
import { ByteWriter } from "./byte-writer.ts";

describe("ByteReader", () => {
  test("says format, want, have and where when it runs past the end", () => {
    const reader = new ByteReader(Uint8Array.of(1, 2, 3, 4, 5), "avcc");
    reader.skip(4);
    expect(() => reader.take(256)).toThrow("avcc: need 256 bytes, have 1 at byte 4");
  });

  test("reads what ByteWriter wrote, over its own growing buffer", () => {
    const w = new ByteWriter(1);
    w.u8(0xfe);
    w.u16(0xfedc);
    w.u24(0xfedcba);
    w.u32(0xfedcba98);
    w.u32le(0xfedcba98);
    w.u64(2 ** 53 - 1);
    w.f64(-1.5);
    w.ascii("moof");
    const r = new ByteReader(w.toBytes(), "test");
    expect([r.u8(), r.u16(), r.u24(), r.u32(), r.u32le(), r.u64(), r.f64(), r.ascii(4), r.remaining]).toEqual([
      0xfe,
      0xfedc,
      0xfedcba,
      0xfedcba98,
      0xfedcba98,
      2 ** 53 - 1,
      -1.5,
      "moof",
      0,
    ]);
  });

  test("reads i24 with its sign", () => {
    expect(new ByteReader(Uint8Array.of(0xff, 0xff, 0xfe), "t").i24()).toBe(-2);
  });
});
