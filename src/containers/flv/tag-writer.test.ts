import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ByteWriter } from "../../bytes/byte-writer.ts";
import { fromHex, toHex } from "../../bytes/hex.ts";
import { createTrack } from "../../codecs/codec.ts";
import type { Frame } from "../../media/frame.ts";
import { type Codec, type Track, trackIndex } from "../../media/track.ts";
import { RecordingSink } from "./flv-testing.ts";
import { FlvTagDemuxer } from "./tag-demuxer.ts";
import {
  canWriteTrack,
  hasSequenceStart,
  MAX_TAG_BODY_HEAD_BYTES,
  sequenceEndSize,
  sequenceStartSize,
  tagBodySize,
  tagTimestamp,
  tagTypeOf,
  writeSequenceEnd,
  writeSequenceStart,
  writeTagBody,
} from "./tag-writer.ts";

/** A configuration and a first frame of each codec, in canonical form. */
const SAMPLES: Record<Exclude<Codec, "amf0">, { config: string; payload: string }> = {
  h264: {
    config: "01 64000d ff e1 001a 6764000dacd941519e226c0440000003004000000c83c50a6580 01 0004 68efbcb0 fdf8f800",
    payload: "00000003 658801",
  },
  hevc: { config: "01 01 60000000 900000000000 3c f000 fc fd f8 f8 0000 0f 00", payload: "00000003 2601af" },
  av1: { config: "81000c000a0b000000043d06d4daf90040", payload: "3202 0000" },
  vp9: { config: "000b820202020000", payload: "824983420014100b5606" },
  vp8: { config: "", payload: "1067009d012a4201b600" },
  aac: { config: "1210", payload: "2100" },
  opus: { config: "4f70757348656164 01 02 3801 80bb0000 0000 00", payload: "fc01" },
  mp3: { config: "", payload: "fffb906400" },
  ac3: { config: "", payload: "0b77b50b1e40ebf8" },
  eac3: { config: "", payload: "0b77017f3f87c000" },
  flac: {
    config: "664c6143 80000022 12001200 0000fc 000511 0bb802f0 00003840 e5f051c128e84992c0cba99724092b51",
    payload: "fff8",
  },
  pcma: { config: "", payload: "d5d5" },
  pcmu: { config: "", payload: "ffff" },
  speex: { config: "", payload: "9a" },
};
type MediaCodec = keyof typeof SAMPLES;
const CODECS = Object.keys(SAMPLES) as MediaCodec[];

function trackOf(codec: MediaCodec, index = 0): Track {
  const { config, payload } = SAMPLES[codec];
  return createTrack(codec, index, 1000, fromHex(config), fromHex(payload));
}

function frameOf(track: Track, values: Partial<Frame> = {}): Frame {
  const payload = fromHex(SAMPLES[track.codec as MediaCodec].payload);
  return { track, dts: 40, pts: 40, ptsNanos: 0, isKey: true, arrivalMs: 0, payload, ...values };
}

function bodyOf(frame: Frame, multitrack = false): Uint8Array {
  const w = new ByteWriter();
  writeTagBody(w, frame, multitrack);
  return w.toBytes();
}

function startOf(track: Track, multitrack = false): Uint8Array {
  const w = new ByteWriter();
  writeSequenceStart(w, track, multitrack);
  return w.toBytes();
}

const frame: fc.Arbitrary<{ frame: Frame; multitrack: boolean }> = fc
  .record({
    codec: fc.constantFrom(...CODECS),
    index: fc.nat(255),
    dts: fc.nat(0x7fffffff),
    compositionTime: fc.integer({ min: 0, max: 0x7fffff }),
    ptsNanos: fc.oneof(fc.constant(0), fc.nat(999_999)),
    isKey: fc.boolean(),
    multitrack: fc.boolean(),
  })
  .map(({ codec, index, dts, compositionTime, ptsNanos, isKey, multitrack }) => {
    const track = trackOf(codec, multitrack ? index : 0);
    const pts = codec === "h264" || codec === "hevc" ? dts + compositionTime : dts;
    return { frame: frameOf(track, { dts, pts, ptsNanos, isKey: isKey || track.kind === "audio" }), multitrack };
  })
  .filter(({ frame, multitrack }) => canWriteTrack(frame.track, multitrack));

describe("writeTagBody", () => {
  test("what was written reads back as the same track and frame, of every codec and track number", () => {
    fc.assert(
      fc.property(frame, ({ frame, multitrack }) => {
        const sink = new RecordingSink();
        const demuxer = new FlvTagDemuxer(sink);
        const { track } = frame;
        const type = tagTypeOf(track);
        if (hasSequenceStart(track)) demuxer.read({ type, timestamp: 0, data: startOf(track, multitrack) });
        const first = frameOf(track, { dts: 0, pts: 0 });
        demuxer.read({ type, timestamp: 0, data: bodyOf(first, multitrack) });
        demuxer.read({ type, timestamp: tagTimestamp(frame), data: bodyOf(frame, multitrack) });
        const isLegacy = ["h264", "aac", "mp3", "pcma", "pcmu", "speex"].includes(track.codec) && trackIndex(track.id) === 0;
        expect(sink.tracks).toEqual([track]);
        expect(sink.frames).toEqual([first, isLegacy ? { ...frame, ptsNanos: 0 } : frame]);
      }),
      { numRuns: 500 },
    );
  });

  test("sizes are exact, and heads no longer than the bound", () => {
    fc.assert(
      fc.property(frame, ({ frame, multitrack }) => {
        expect(tagBodySize(frame, multitrack)).toBe(bodyOf(frame, multitrack).length);
        expect(tagBodySize(frame, multitrack) - frame.payload.length).toBeLessThanOrEqual(MAX_TAG_BODY_HEAD_BYTES);
        if (hasSequenceStart(frame.track)) {
          expect(sequenceStartSize(frame.track, multitrack)).toBe(startOf(frame.track, multitrack).length);
        }
        const w = new ByteWriter();
        writeSequenceEnd(w, frame.track, multitrack);
        expect(sequenceEndSize(frame.track, multitrack)).toBe(w.offset);
      }),
    );
  });

  test.each([
    ["h264", { pts: 120 }, "17 01 000050"],
    ["h264", { pts: 0, isKey: false }, "27 01 ffffd8"],
    ["h264", { pts: 40 + 2 ** 30 }, "17 01 7fffff"],
    ["aac", {}, "af 01"],
    ["mp3", {}, "2f"],
    ["pcma", {}, "72"],
    ["pcmu", {}, "82"],
    ["speex", {}, "b6"],
    ["hevc", {}, "93 68766331"],
    ["hevc", { pts: 80, isKey: false }, "a1 68766331 000028"],
    ["hevc", { ptsNanos: 100 }, "97 02 000064 03 68766331"],
    ["av1", { isKey: false }, "a1 61763031"],
    ["opus", {}, "91 4f707573"],
    ["eac3", { ptsNanos: 1 }, "97 02 000001 01 65632d33"],
  ] as const)("%s %j begins with %s", (codec, values, head) => {
    const payload = SAMPLES[codec].payload;
    expect(toHex(bodyOf(frameOf(trackOf(codec), values)))).toBe(toHex(fromHex(head + payload)));
  });

  test("with multitrack, a track with a number has it, and the first is as without", () => {
    expect(toHex(bodyOf(frameOf(trackOf("h264", 2), { pts: 80 }), true))).toBe(
      toHex(fromHex("96 01 61766331 02 000028 00000003 658801")),
    );
    expect(toHex(bodyOf(frameOf(trackOf("aac", 1), { ptsNanos: 5 }), true))).toBe(
      toHex(fromHex("97 02 000005 05 01 6d703461 01 2100")),
    );
    expect(bodyOf(frameOf(trackOf("h264", 0)), true)).toEqual(bodyOf(frameOf(trackOf("h264", 0))));
    expect(bodyOf(frameOf(trackOf("h264", 2)))).toEqual(bodyOf(frameOf(trackOf("h264", 0))));
  });

  test("what has no FourCC cannot have a number", () => {
    expect([
      canWriteTrack(trackOf("speex", 1), true),
      canWriteTrack(trackOf("speex", 1)),
      canWriteTrack(trackOf("opus", 1), true),
    ]).toEqual([false, true, true]);
  });

  test("MP3 rates that the tag cannot say go as 44.1 kHz, 8 kHz has a format of its own", () => {
    const head = (sampleRate: number, channels: number) => bodyOf(frameOf({ ...trackOf("mp3"), sampleRate, channels }))[0];
    expect([head(48000, 2), head(44100, 1), head(22050, 2), head(11025, 1), head(8000, 1)]).toEqual([
      0x2f, 0x2e, 0x2b, 0x26, 0xe2,
    ]);
  });

  test("times are in ms whatever the timescale, each rounded alone, and wrap at 2^32", () => {
    const track = { ...trackOf("h264"), timescale: 90_000 };
    const frame = frameOf(track, { dts: 2 ** 32 * 90 + 3003, pts: 2 ** 32 * 90 + 3003 + 6006 });
    expect(tagTimestamp(frame)).toBe(33);
    expect(toHex(bodyOf(frame).subarray(2, 5))).toBe("000043");
  });
});
