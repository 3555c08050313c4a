import { expect, test } from "vitest";
import { fromHex } from "../../bytes/hex.ts";
import { readAc3Header } from "./ac3-header.ts";

// sizes are those that ffprobe gives for the packets of ffmpeg's encoders
test.each([
  [
    "AC-3 5.1 at 448 kbit/s",
    "0b77b50b1e40ebf8",
    { isEac3: false, sampleRate: 48000, channels: 6, samplesPerFrame: 1536, frameBytes: 1792 },
  ],
  [
    "AC-3 mono, 44.1 kHz",
    "0b771ef84c402f84",
    { isEac3: false, sampleRate: 44100, channels: 1, samplesPerFrame: 1536, frameBytes: 416 },
  ],
  [
    "AC-3, 44.1 kHz, one word more",
    "0b771ef84d402f84",
    { isEac3: false, sampleRate: 44100, channels: 1, samplesPerFrame: 1536, frameBytes: 418 },
  ],
  ["E-AC-3 5.1", "0b77017f3f87c000", { isEac3: true, sampleRate: 48000, channels: 6, samplesPerFrame: 1536, frameBytes: 768 }],
  [
    "E-AC-3 at half a rate",
    "0b77017fe484c000",
    { isEac3: true, sampleRate: 16000, channels: 2, samplesPerFrame: 1536, frameBytes: 768 },
  ],
])("reads %s", (_name, bytes, value) => {
  expect(readAc3Header(fromHex(bytes))).toEqual(value);
});

test("no sync word, a later version and reserved rates are refused", () => {
  expect(() => readAc3Header(fromHex("770b000000000000"))).toThrow("ac3: no sync word, but 0x770b");
  expect(() => readAc3Header(fromHex("0b7700001e88ebf8"))).toThrow("ac3: bsid 17");
  expect(() => readAc3Header(fromHex("0b770000de40ebf8"))).toThrow("ac3: fscod or frmsizecod is reserved");
  expect(() => readAc3Header(fromHex("0b77017ff484c000"))).toThrow("ac3: fscod2 is reserved");
  expect(() => readAc3Header(fromHex("0b77b5"))).toThrow("ac3: need");
});
