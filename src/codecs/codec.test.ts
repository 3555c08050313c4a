import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MediaError } from "../base/media-error.ts";
import { fromHex } from "../bytes/hex.ts";
import type { Codec } from "../media/track.ts";
import { CODECS, createTrack, describeCodec } from "./codec.ts";

const NOTHING = { width: 0, height: 0, fps: 0, sampleRate: 0, channels: 0 };

/** Configurations in canonical form, by encoders as named, and what they say. */
const CONFIGS: { name: string; codec: Codec; config: string; value: object }[] = [
  {
    name: "x264 High",
    codec: "h264",
    config: "01 64000d ff e1 001a 6764000dacd941519e226c0440000003004000000c83c50a6580 01 0004 68efbcb0 fdf8f800",
    value: { ...NOTHING, codecString: "avc1.64000d", width: 322, height: 182, fps: 25 },
  },
  {
    name: "H.264 without an SPS",
    codec: "h264",
    config: "01 42c01e ff e0 00",
    value: { ...NOTHING, codecString: "avc1.42c01e" },
  },
  {
    name: "x265 Main",
    codec: "hevc",
    config: `01 01 60000000 900000000000 3c f000 fc fd f8 f8 0000 0f 01
      21 0001 002a 42010101600000030090000003000003003ca00a480b9c9596566924caf0168080000003008000000c84`,
    value: { ...NOTHING, codecString: "hvc1.1.6.L60.90", width: 322, height: 182, fps: 25 },
  },
  {
    name: "HEVC of the High tier, with an odd SPS and an average rate",
    codec: "hevc",
    config: "01 62 20000000 b00000000100 78 f000 fc fd fa fa 1e00 0f 01 21 0001 0003 4201ff",
    value: { ...NOTHING, codecString: "hvc1.A2.4.H120.B0.0.0.0.1", fps: 30 },
  },
  {
    name: "libaom AV1",
    codec: "av1",
    config: "81000c000a0b000000043d06d4daf90040",
    value: { ...NOTHING, codecString: "av01.0.00M.08", width: 322, height: 182 },
  },
  {
    name: "AV1 of 10 bits at level 5.1, High tier, without OBUs",
    codec: "av1",
    config: "810dcc00",
    value: { ...NOTHING, codecString: "av01.0.13H.10" },
  },
  { name: "libvpx VP9", codec: "vp9", config: "000b820202020000", value: { ...NOTHING, codecString: "vp09.00.11.08" } },
  { name: "VP8 without configuration", codec: "vp8", config: "", value: { ...NOTHING, codecString: "vp8" } },
  {
    name: "HE-AAC",
    codec: "aac",
    config: "139056e5a0",
    value: { ...NOTHING, codecString: "mp4a.40.5", sampleRate: 44100, channels: 2 },
  },
  {
    name: "HE-AAC v2",
    codec: "aac",
    config: "eb8a0800",
    value: { ...NOTHING, codecString: "mp4a.40.29", sampleRate: 44100, channels: 2 },
  },
  {
    name: "libopus stereo",
    codec: "opus",
    config: "4f70757348656164 01 02 3801 80bb0000 0000 00",
    value: { ...NOTHING, codecString: "opus", sampleRate: 48000, channels: 2 },
  },
  {
    name: "libopus 5.1 with its channel mapping",
    codec: "opus",
    config: "4f70757348656164 01 06 3801 80bb0000 0000 01 0402 000401020305",
    value: { ...NOTHING, codecString: "opus", sampleRate: 48000, channels: 6 },
  },
  {
    name: "ffmpeg's FLAC",
    codec: "flac",
    config: "664c6143 80000022 12001200 0000fc 000511 0bb802f0 00003840 e5f051c128e84992c0cba99724092b51",
    value: { ...NOTHING, codecString: "flac", sampleRate: 48000, channels: 2 },
  },
  { name: "G.711", codec: "pcma", config: "", value: { ...NOTHING, codecString: "alaw", sampleRate: 8000, channels: 1 } },
];

/** First frames of streams whose configuration does not say everything. */
const FRAMES: { name: string; codec: Codec; config?: string; frame: string; value: object }[] = [
  { name: "libvpx VP9 key frame", codec: "vp9", frame: "824983420014100b5606", value: { width: 322, height: 182 } },
  { name: "libvpx VP9 key frame of profile 1", codec: "vp9", frame: "a249834200028201 6ac0", value: { width: 322, height: 182 } },
  { name: "VP9 inter frame", codec: "vp9", frame: "86004040", value: { width: 0, height: 0 } },
  { name: "libvpx VP8 key frame", codec: "vp8", frame: "1067009d012a4201b600", value: { width: 322, height: 182 } },
  { name: "VP8 inter frame", codec: "vp8", frame: "1167009d012a4201b600", value: { width: 0, height: 0 } },
  {
    name: "libaom AV1 temporal unit",
    codec: "av1",
    config: "81000c00",
    frame: "0a0b000000043d06d4daf90040 3202 0000",
    value: { width: 322, height: 182 },
  },
  { name: "AV1 with an OBU that is cut", codec: "av1", config: "81000c00", frame: "0a0b0000", value: { width: 0, height: 0 } },
  { name: "LAME MP3 of MPEG-1", codec: "mp3", frame: "fffb9064", value: { sampleRate: 44100, channels: 2 } },
  { name: "LAME MP3 of MPEG-2.5, mono", codec: "mp3", frame: "ffe328c4", value: { sampleRate: 8000, channels: 1 } },
  { name: "no MP3", codec: "mp3", frame: "00", value: { sampleRate: 0, channels: 0 } },
  { name: "ffmpeg's AC-3 5.1", codec: "ac3", frame: "0b77b50b1e40ebf8", value: { sampleRate: 48000, channels: 6 } },
  { name: "ffmpeg's AC-3 mono", codec: "ac3", frame: "0b771ef84c402f84", value: { sampleRate: 44100, channels: 1 } },
  { name: "ffmpeg's E-AC-3 5.1", codec: "eac3", frame: "0b77017f3f87c000", value: { sampleRate: 48000, channels: 6 } },
];

describe("describeCodec", () => {
  test.each(CONFIGS)("reads $name", ({ codec, config, value }) => {
    expect(describeCodec(codec, fromHex(config))).toEqual(value);
  });

  test.each(CONFIGS.filter(({ config }) => config !== ""))("$name cut to one byte is a FormatError", ({ codec, config }) => {
    expect(() => describeCodec(codec, fromHex(config).subarray(0, 1))).toThrow(/need \d+ (bytes?|bits?), have/);
  });

  test("random and mutated configurations give a description or a MediaError", () => {
    const mutated = fc
      .tuple(fc.constantFrom(...CONFIGS), fc.array(fc.tuple(fc.nat(60), fc.nat(255)), { maxLength: 5 }), fc.nat(90))
      .map(([{ codec, config }, changes, length]) => {
        const bytes = fromHex(config);
        for (const [at, value] of changes) bytes[at] = value;
        return { codec, bytes: bytes.subarray(0, length) };
      });
    const random = fc.record({
      codec: fc.constantFrom(...(Object.keys(CODECS) as Codec[])),
      bytes: fc.uint8Array({ maxLength: 60 }),
    });
    fc.assert(
      fc.property(fc.oneof(mutated, random), fc.uint8Array({ maxLength: 40 }), ({ codec, bytes }, frame) => {
        try {
          const { width, height, sampleRate, channels } = createTrack(codec, 0, 1000, bytes, frame);
          for (const number of [width, height, sampleRate, channels]) expect(number).toBeGreaterThanOrEqual(0);
        } catch (error) {
          expect(error).toBeInstanceOf(MediaError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe("createTrack", () => {
  test.each(FRAMES)("reads from $name what the configuration does not say", ({ codec, config = "", frame, value }) => {
    expect(createTrack(codec, 0, 1000, fromHex(config), fromHex(frame))).toMatchObject(value);
  });

  test("the id follows from kind and index, and the configuration is kept as given", () => {
    const config = fromHex("1210");
    const track = createTrack("aac", 3, 90_000, config);
    expect(track).toMatchObject({ id: 259, kind: "audio", codec: "aac", timescale: 90_000 });
    expect(track.config).toBe(config);
    expect(createTrack("amf0", 0, 1000, new Uint8Array(0))).toMatchObject({ id: 512, kind: "data" });
  });
});
