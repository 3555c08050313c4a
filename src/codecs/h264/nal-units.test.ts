import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MediaError } from "../../base/media-error.ts";
import { ByteWriter } from "../../bytes/byte-writer.ts";
import { annexBNalUnits, annexBToLengthPrefixed, hasStartCode, writeAnnexB } from "./annex-b.ts";
import { isLengthPrefixed, nalUnitEnd, nalUnits, unescapeNalUnit, writeLengthPrefixed } from "./nal-units.ts";

/** NAL units as an encoder makes them: no start code within, no zero byte at the end. */
const unit = fc
  .uint8Array({ minLength: 1, maxLength: 20, min: 1 })
  .chain((bytes) => fc.constantFrom(bytes, Uint8Array.of(0x65, 0, 0, 3, 1, ...bytes)));
const units = fc.array(unit, { maxLength: 8 });

function joined(list: Uint8Array[]): Uint8Array {
  const w = new ByteWriter();
  writeLengthPrefixed(w, list);
  return w.toBytes();
}

describe("nalUnits", () => {
  test("reads the units that were written", () => {
    fc.assert(fc.property(units, (list) => void expect([...nalUnits(joined(list))]).toEqual(list)));
  });

  test("reads lengths of one, two and three bytes", () => {
    expect([...nalUnits(Uint8Array.of(1, 9, 2, 8, 7), 1)]).toEqual([Uint8Array.of(9), Uint8Array.of(8, 7)]);
    expect([...nalUnits(Uint8Array.of(0, 1, 9, 0, 0), 2)]).toEqual([Uint8Array.of(9), Uint8Array.of()]);
    expect([...nalUnits(Uint8Array.of(0, 0, 1, 9), 3)]).toEqual([Uint8Array.of(9)]);
  });

  test("refuses a length that runs past the end, and says where", () => {
    expect(() => [...nalUnits(Uint8Array.of(0, 0, 1, 0, 9))]).toThrow("avcc: need 256 bytes, have 1 at byte 4");
    expect(() => nalUnitEnd(Uint8Array.of(0, 0, 1, 0, 9), 0)).toThrow("avcc: need 256 bytes, have 1 at byte 4");
    expect(() => nalUnitEnd(Uint8Array.of(0, 0), 0)).toThrow("avcc: need 4 bytes, have 2 at byte 0");
  });

  test("the walk without allocation stops where the generator stops", () => {
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 64 }), units.map(joined)), (bytes) => {
        const byGenerator: unknown[] = [];
        const byWalk: unknown[] = [];
        try {
          for (const view of nalUnits(bytes)) byGenerator.push(view);
        } catch (error) {
          expect(error).toBeInstanceOf(MediaError);
          byGenerator.push("error");
        }
        try {
          for (let at = 0, end = 0; at < bytes.length; at = end) {
            end = nalUnitEnd(bytes, at);
            byWalk.push(bytes.subarray(at + 4, end));
          }
        } catch (error) {
          expect(error).toBeInstanceOf(MediaError);
          byWalk.push("error");
        }
        expect(byWalk).toEqual(byGenerator);
        expect(isLengthPrefixed(bytes)).toBe(byGenerator.at(-1) !== "error");
      }),
    );
  });

  test("an access unit of more NAL units than any picture has is refused", () => {
    const many = Array.from({ length: 5000 }, () => Uint8Array.of(1));
    expect(() => joined(many)).toThrow("more than 4096 NAL units");
  });
});

describe("Annex B", () => {
  test("mixed 3- and 4-byte start codes, padding behind a unit and bytes in front", () => {
    const bytes = Uint8Array.of(9, 0, 0, 0, 1, 0x67, 1, 0, 0, 1, 0x68, 2, 0, 0, 0, 0, 1, 0x65, 3, 0, 0);
    expect([...annexBNalUnits(bytes)]).toEqual([Uint8Array.of(0x67, 1), Uint8Array.of(0x68, 2), Uint8Array.of(0x65, 3)]);
  });

  test("bytes without a start code hold no unit", () => {
    expect([...annexBNalUnits(Uint8Array.of(1, 2, 3))]).toEqual([]);
    expect([...annexBNalUnits(Uint8Array.of(0, 0, 1))]).toEqual([]);
  });

  test("what was written in Annex B form reads back as the same access unit", () => {
    fc.assert(
      fc.property(units, (list) => {
        const accessUnit = joined(list);
        const w = ByteWriter.over(new Uint8Array(accessUnit.length));
        writeAnnexB(w, accessUnit);
        expect(annexBToLengthPrefixed(w.written())).toEqual(accessUnit);
        expect(hasStartCode(w.written())).toBe(list.length > 0);
      }),
    );
  });
});

test("emulation prevention bytes go, and only those", () => {
  expect(unescapeNalUnit(Uint8Array.of(0x67, 0, 0, 3, 0, 0, 3, 1, 0, 3, 0, 0, 2))).toEqual(
    Uint8Array.of(0x67, 0, 0, 0, 0, 1, 0, 3, 0, 0, 2),
  );
});
