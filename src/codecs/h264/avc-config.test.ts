import fc from "fast-check";
import { expect, test } from "vitest";
import { MediaError } from "../../base/media-error.ts";
import { fromHex } from "../../bytes/hex.ts";
import { type AvcConfig, avcConfigOf, canonicalAvcConfig, readAvcConfig, writeAvcConfig } from "./avc-config.ts";
import type { LengthSize } from "./nal-units.ts";

const x264 = fromHex("0164000dffe1001a 6764000dacd94151 9e226c0440000003 00400000 0c83c50a6580 01000468efbcb0 fdf8f800");

test("reads x264's record of the High profile with its extension", () => {
  const config = readAvcConfig(x264);
  expect(config).toMatchObject({ avcProfileIndication: 100, profileCompatibility: 0, avcLevelIndication: 13, lengthSize: 4 });
  expect(config.sequenceParameterSets.map((set) => set.length)).toEqual([26]);
  expect(config.pictureParameterSets).toEqual([fromHex("68efbcb0")]);
  expect(config.extension).toEqual(fromHex("fdf8f800"));
});

test("reads what was written", () => {
  const sets = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 31 });
  const config: fc.Arbitrary<AvcConfig> = fc.record({
    avcProfileIndication: fc.nat(255),
    profileCompatibility: fc.nat(255),
    avcLevelIndication: fc.nat(255),
    lengthSize: fc.constantFrom<LengthSize>(1, 2, 3, 4),
    sequenceParameterSets: sets,
    pictureParameterSets: sets,
    extension: fc.uint8Array({ maxLength: 8 }),
  });
  fc.assert(fc.property(config, (value) => void expect(readAvcConfig(writeAvcConfig(value))).toEqual(value)));
});

test("the canonical record says 4-byte lengths and is a copy", () => {
  const twoBytes = x264.slice();
  twoBytes[4] = 0xfd;
  expect(readAvcConfig(twoBytes).lengthSize).toBe(2);
  expect(canonicalAvcConfig(twoBytes)).toEqual(x264);
  expect(twoBytes[4]).toBe(0xfd);
});

test("a record cut anywhere before its last parameter set ends is a FormatError", () => {
  for (let length = 0; length < x264.length - 4; length++) {
    expect(() => readAvcConfig(x264.subarray(0, length))).toThrow(/^avcC: /);
  }
});

test("random bytes give a record or a MediaError", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      try {
        readAvcConfig(Uint8Array.of(1, ...bytes));
      } catch (error) {
        expect(error).toBeInstanceOf(MediaError);
      }
    }),
  );
});

test("the record for parameter sets from the stream takes profile and level from the SPS", () => {
  const { sequenceParameterSets, pictureParameterSets } = readAvcConfig(x264);
  expect(avcConfigOf(sequenceParameterSets, pictureParameterSets)).toMatchObject({
    avcProfileIndication: 100,
    avcLevelIndication: 13,
    sequenceParameterSets,
  });
  expect(() => avcConfigOf([], [])).toThrow("h264 sps: need 1 bytes, have 0");
});
