import { expect, test } from "vitest";
import { fromHex } from "../../bytes/hex.ts";
import { readMpegAudioHeader } from "./mpeg-audio-header.ts";

// sizes are those that ffprobe gives for LAME's packets
test.each([
  [
    "MPEG-1, 44.1 kHz stereo at 128 kbit/s",
    "fffb9064",
    { layer: 3, sampleRate: 44100, channels: 2, samplesPerFrame: 1152, frameBytes: 417 },
  ],
  [
    "MPEG-1 with a padding byte",
    "fffb9264",
    { layer: 3, sampleRate: 44100, channels: 2, samplesPerFrame: 1152, frameBytes: 418 },
  ],
  [
    "MPEG-1, 48 kHz mono at 64 kbit/s",
    "fffb54c4",
    { layer: 3, sampleRate: 48000, channels: 1, samplesPerFrame: 1152, frameBytes: 192 },
  ],
  [
    "MPEG-2, 22.05 kHz at 64 kbit/s",
    "fff38064",
    { layer: 3, sampleRate: 22050, channels: 2, samplesPerFrame: 576, frameBytes: 208 },
  ],
  [
    "MPEG-2.5, 8 kHz mono at 16 kbit/s",
    "ffe328c4",
    { layer: 3, sampleRate: 8000, channels: 1, samplesPerFrame: 576, frameBytes: 144 },
  ],
  [
    "layer II, 48 kHz at 192 kbit/s",
    "fffda404",
    { layer: 2, sampleRate: 48000, channels: 2, samplesPerFrame: 1152, frameBytes: 576 },
  ],
  [
    "layer I, 32 kHz at 32 kbit/s",
    "ffff1800",
    { layer: 1, sampleRate: 32000, channels: 2, samplesPerFrame: 384, frameBytes: 48 },
  ],
  ["free format", "fffb0064", { layer: 3, sampleRate: 44100, channels: 2, samplesPerFrame: 1152, frameBytes: 0 }],
])("reads %s", (_name, bytes, value) => {
  expect(readMpegAudioHeader(fromHex(bytes))).toEqual(value);
});

test.each([
  ["no sync word", "fefb9064"],
  ["the reserved version", "ffeb9064"],
  ["the reserved layer", "fff99064"],
  ["the forbidden bit rate", "fffbf064"],
  ["the reserved rate", "fffb9c64"],
])("refuses %s", (_name, bytes) => {
  expect(() => readMpegAudioHeader(fromHex(bytes))).toThrow(`mpeg audio: 0x${bytes} is no frame header`);
});
