import { expect, test } from "vitest";
import { fromHex } from "../../bytes/hex.ts";
import { canonicalVpConfig, readVpConfig } from "./vp-config.ts";

test("reads ffmpeg's record of profile 2", () => {
  expect(readVpConfig(fromHex("021fa30909090000"))).toEqual({
    profile: 2,
    level: 31,
    bitDepth: 10,
    chromaSubsampling: 1,
    videoFullRangeFlag: true,
    colourPrimaries: 9,
    transferCharacteristics: 9,
    matrixCoefficients: 9,
  });
});

test("version and flags of the box are taken off, and only those", () => {
  expect(canonicalVpConfig(fromHex("01000000 000b820202020000"))).toEqual(fromHex("000b820202020000"));
  expect(canonicalVpConfig(fromHex("010b820202020000"))).toEqual(fromHex("010b820202020000"));
});

test("an impossible depth and a record that is cut are refused", () => {
  expect(() => readVpConfig(fromHex("000b020202020000"))).toThrow("vpcC: bit depth 0");
  expect(() => readVpConfig(fromHex("000b82"))).toThrow("vpcC: need 1 bytes, have 0");
});
