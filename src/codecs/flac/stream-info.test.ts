import { expect, test } from "vitest";
import { fromHex } from "../../bytes/hex.ts";
import { canonicalFlacConfig, FLAC_CONFIG_BYTES, readFlacConfig } from "./stream-info.ts";

const INFO = "12001200 0000fc 000511 0bb802f0 00003840 e5f051c128e84992c0cba99724092b51";
const CANONICAL = fromHex(`664c6143 80000022 ${INFO}`);

test("reads ffmpeg's STREAMINFO", () => {
  expect(CANONICAL).toHaveLength(FLAC_CONFIG_BYTES);
  expect(readFlacConfig(CANONICAL)).toEqual({
    minBlockSize: 4608,
    maxBlockSize: 4608,
    sampleRate: 48000,
    channels: 2,
    bitsPerSample: 16,
  });
});

test.each([
  ["with marker and other blocks behind", `664c6143 00000022 ${INFO} 84000004 00000000`],
  ["with marker", `664c6143 80000022 ${INFO}`],
  ["the block alone", `80000022 ${INFO}`],
  ["the bare STREAMINFO", INFO],
])("%s becomes the canonical configuration", (_name, bytes) => {
  expect(canonicalFlacConfig(fromHex(bytes))).toEqual(CANONICAL);
});

test("something else and a block that is cut are refused", () => {
  expect(() => readFlacConfig(fromHex("4f676753"))).toThrow("flac: the configuration does not begin with fLaC");
  expect(() => readFlacConfig(canonicalFlacConfig(fromHex("0102030405")))).toThrow(
    "flac: block type 0 of 1 bytes, not STREAMINFO",
  );
  expect(() => readFlacConfig(CANONICAL.subarray(0, 41))).toThrow("flac: need");
});
