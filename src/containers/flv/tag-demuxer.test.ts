import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MediaError } from "../../base/media-error.ts";
import { fromHex, toHex } from "../../bytes/hex.ts";
import { readAvcConfig } from "../../codecs/h264/avc-config.ts";
import { readOpusHead } from "../../codecs/opus/opus-head.ts";
import { AmfEcmaArray } from "../amf/amf-value.ts";
import { decodeAmf0, encodeAmf0 } from "../amf/amf0.ts";
import type { FlvTagType } from "./flv-tag.ts";
import { RecordingSink, readFlvTags } from "./flv-testing.ts";
import { FlvTagDemuxer } from "./tag-demuxer.ts";

/** x264's record of a 322×182 picture; the last two digits of its first line say the length size. */
const AVCC = `01 64000d ff e1 001a 6764000dacd941519e226c0440000003004000000c83c50a6580 01 0004 68efbcb0 fdf8f800`;
const HVCC = `01 01 60000000 900000000000 3c f000 fc fd f8 f8 0000 0f 03
  20 0001 0018 40010c01ffff01600000030090000003000003003c959809
  21 0001 002a 42010101600000030090000003000003003ca00a480b9c9596566924caf0168080000003008000000c84
  22 0001 0007 4401c172b46240`;
const IDR = "00000003 658801";
const hex = (text: string): string => toHex(new TextEncoder().encode(text));
const [AVC1, HVC1, AV01, VP09, OPUS, MP4A, FLAC, AC3, MP3] = [
  "avc1",
  "hvc1",
  "av01",
  "vp09",
  "Opus",
  "mp4a",
  "fLaC",
  "ac-3",
  ".mp3",
].map(hex);

type Message = readonly [FlvTagType, string, number?];

/** Reads the bodies as tags, and gives what the sink saw. */
function demux(...messages: Message[]): RecordingSink {
  const sink = new RecordingSink();
  const demuxer = new FlvTagDemuxer(sink, { now: () => 1234 });
  for (const [type, body, timestamp = 0] of messages) demuxer.read({ type, timestamp, data: fromHex(body) });
  return sink;
}

const video = (body: string, timestamp = 0): Message => [9, body, timestamp];
const audio = (body: string, timestamp = 0): Message => [8, body, timestamp];

describe("legacy tags", () => {
  test("AVC: configuration, key frame, B-frame with its composition time", () => {
    const sink = demux(video(`17 00 000000 ${AVCC}`), video(`17 01 000050 ${IDR}`, 40), video("27 01 ffffd8 00000002 4101", 80));
    expect(sink.tracks).toMatchObject([
      { id: 0, kind: "video", codec: "h264", timescale: 1000, width: 322, height: 182, config: fromHex(AVCC) },
    ]);
    expect(sink.frames).toMatchObject([
      { dts: 40, pts: 120, isKey: true, ptsNanos: 0, arrivalMs: 1234, payload: fromHex(IDR) },
      { dts: 80, pts: 40, isKey: false, payload: fromHex("00000002 4101") },
    ]);
  });

  test("AVC with lengths of two bytes is brought to four, in configuration and frames", () => {
    const sink = demux(video(`17 00 000000 ${AVCC.replace("ff e1", "fd e1")}`), video("17 01 000000 0003 658801 0001 0c"));
    expect(readAvcConfig(sink.tracks[0]!.config).lengthSize).toBe(4);
    expect(sink.frames[0]!.payload).toEqual(fromHex(`${IDR} 00000001 0c`));
  });

  test("Annex B in place of lengths is repaired", () => {
    const sink = demux(video(`17 00 000000 ${AVCC}`), video("17 01 000000 00000001 09f0 000001 658801"));
    expect(sink.frames[0]!.payload).toEqual(fromHex(`00000002 09f0 ${IDR}`));
  });

  test("a length that runs past the end is refused", () => {
    expect(() => demux(video(`17 00 000000 ${AVCC}`), video("17 01 000000 00000009 658801"))).toThrow(
      "avcc: need 9 bytes, have 3",
    );
  });

  test("frames before their configuration, end of sequence and command frames give nothing", () => {
    const sink = demux(video(`17 01 000000 ${IDR}`), audio("af 01 2100"), video("17 02 000000"), video("57 00"), video("17 02"));
    expect(sink.events).toEqual([]);
  });

  test("a configuration whose SPS is odd still makes a track, without a size", () => {
    const sink = demux(video("17 00 000000 01 64000d ff e1 0002 67ff 01 0001 68"));
    expect(sink.tracks).toMatchObject([{ codec: "h264", width: 0, height: 0 }]);
  });

  test("a configuration whose lengths do not add up is refused", () => {
    expect(() => demux(video("17 00 000000 01 64000d ff e1 0100 67ff"))).toThrow("avcC: need 256 bytes, have 2 at byte 8");
  });

  test("the configuration again is no news, a changed one is the same track anew", () => {
    const changed = AVCC.replace("01 64000d", "01 64000e");
    const sink = demux(video(`17 00 000000 ${AVCC}`), video(`17 00 000000 ${AVCC}`), video(`17 00 000000 ${changed}`));
    expect(sink.events).toEqual(["track h264 0", "track h264 0"]);
    expect(sink.tracks[1]!.config).toEqual(fromHex(changed));
  });

  test("CodecID 12 is HEVC", () => {
    const sink = demux(video(`1c 00 000000 ${HVCC}`), video("1c 01 000028 00000003 2601af", 40));
    expect(sink.tracks).toMatchObject([{ codec: "hevc", width: 322, height: 182 }]);
    expect(sink.frames).toMatchObject([{ dts: 40, pts: 80, isKey: true, payload: fromHex("00000003 2601af") }]);
  });

  test("AAC: configuration and raw frames; empty frames and an empty configuration are dropped", () => {
    const sink = demux(
      audio("af 00"),
      audio("af 00 1210"),
      audio("af 01 2100", 23),
      audio("af 01", 46),
      audio("", 69),
      audio("af 00 1210"),
    );
    expect(sink.tracks).toMatchObject([{ id: 256, codec: "aac", sampleRate: 44100, channels: 2, config: fromHex("1210") }]);
    expect(sink.frames).toMatchObject([{ dts: 23, pts: 23, isKey: true, payload: fromHex("2100") }]);
  });

  test("MP3 takes rate and channels from its first frame, not from the tag", () => {
    const sink = demux(audio("2f fffb94c4 00"));
    expect(sink.tracks).toMatchObject([{ codec: "mp3", sampleRate: 48000, channels: 1, config: fromHex("") }]);
    expect(sink.frames[0]!.payload).toEqual(fromHex("fffb94c4 00"));
  });

  test.each([
    ["72 d5", "pcma", 8000],
    ["82 ff", "pcmu", 8000],
    ["b6 9a", "speex", 16000],
  ])("%s is %s at %i Hz, mono", (body, codec, sampleRate) => {
    const sink = demux(audio(body));
    expect(sink.tracks).toMatchObject([{ codec, sampleRate, channels: 1 }]);
    expect(sink.frames).toHaveLength(1);
  });

  test.each([
    [video("12 00"), "flv: video codec H.263 is not supported"],
    [video("14 00"), "flv: video codec VP6 is not supported"],
    [video("1f 00"), "flv: video codec with CodecID 15 is not supported"],
    [audio("52 00"), "flv: audio codec Nellymoser is not supported"],
    [video(`90 ${hex("vvc1")} 01`), 'flv: video codec "vvc1" is not supported'],
    [video(`90 ${OPUS} 01`), 'flv: video codec "Opus" is not supported'],
    [audio("90 00000001"), "flv: audio codec 0x00000001 is not supported"],
  ])("%j is refused with the codec's name", (message, error) => {
    expect(() => demux(message)).toThrow(error);
  });
});

describe("Enhanced RTMP", () => {
  test("HEVC: SequenceStart, CodedFrames with composition time, CodedFramesX without, SequenceEnd", () => {
    const sink = demux(
      video(`90 ${HVC1} ${HVCC}`),
      video(`91 ${HVC1} 000028 00000003 2601af`, 40),
      video(`a3 ${HVC1} 00000003 0201d0`, 80),
      video(`92 ${HVC1}`, 120),
      video(`a3 ${HVC1} 00000003 0201d0`, 160),
      video(`92 ${HVC1}`, 160),
    );
    expect(sink.events).toEqual(["track hevc 0", "frame", "frame", "end 0"]);
    expect(sink.frames).toMatchObject([
      { dts: 40, pts: 80, isKey: true },
      { dts: 80, pts: 80, isKey: false, payload: fromHex("00000003 0201d0") },
    ]);
  });

  test("a track that ended begins again with the same configuration", () => {
    const sink = demux(video(`90 ${AVC1} ${AVCC}`), video(`92 ${AVC1}`), video(`90 ${AVC1} ${AVCC}`), video(`93 ${AVC1} ${IDR}`));
    expect(sink.events).toEqual(["track h264 0", "end 0", "track h264 0", "frame"]);
  });

  test("AV1 without a sequence header in its configuration waits for the key frame that has one", () => {
    const sequenceHeader = "0a0b 000000043d06d4daf90040";
    const sink = demux(
      video(`90 ${AV01} 81000c00`),
      video(`a1 ${AV01} 3200`),
      video(`91 ${AV01} 1200 ${sequenceHeader} 3003aa`, 40),
    );
    expect(sink.events).toEqual(["track av1 0", "frame"]);
    expect(sink.tracks).toMatchObject([{ width: 322, height: 182, config: fromHex("81000c00") }]);
    expect(sink.frames[0]!.payload).toEqual(fromHex(`${sequenceHeader} 3202 03aa`));
  });

  test("AV1 by MPEG2TSSequenceStart", () => {
    const sequenceHeader = "0a0b 000000043d06d4daf90040";
    const sink = demux(video(`95 ${AV01} 8004 81000cc0`), video(`91 ${AV01} ${sequenceHeader}`));
    expect(sink.tracks).toMatchObject([{ codec: "av1", config: fromHex("81000c00") }]);
    expect(() => demux(video(`95 ${HVC1} 8004 81000cc0`))).toThrow("MPEG2TSSequenceStart of hevc is not supported");
  });

  test("VP9 has its size from the first key frame", () => {
    const sink = demux(video(`90 ${VP09} 000a820101010000`), video(`a1 ${VP09} 86`), video(`91 ${VP09} 82498342 0013f00b50`));
    expect(sink.tracks).toMatchObject([{ codec: "vp9", width: 320, height: 182, config: fromHex("000a820101010000") }]);
    expect(sink.frames).toHaveLength(1);
  });

  test("Opus, with its header and with an empty sequence start", () => {
    const head = `${hex("OpusHead")} 01 01 3801 80bb0000 0000 00`;
    expect(demux(audio(`90 ${OPUS} ${head}`), audio(`91 ${OPUS} fc01`)).tracks).toMatchObject([
      { codec: "opus", sampleRate: 48000, channels: 1, config: fromHex(head) },
    ]);
    expect(readOpusHead(demux(audio(`90 ${OPUS}`)).tracks[0]!.config).channelCount).toBe(2);
  });

  test("AAC, AC-3, MP3 and FLAC by FourCC", () => {
    const info = "10001000 000010 000020 0ac442f0 00000000 00000000000000000000000000000000";
    const sink = demux(
      audio(`90 ${MP4A} 1210`),
      audio(`91 ${MP4A} 2100`),
      audio(`91 ${AC3} 0b77 0000 10 40 43 00`),
      audio(`91 ${MP3} fffb94c4 00`),
      audio(`90 ${FLAC} 664c6143 80000022 ${info}`),
      audio(`92 ${FLAC}`),
    );
    expect(sink.tracks).toMatchObject([
      { codec: "aac", sampleRate: 44100, channels: 2 },
      { codec: "ac3", sampleRate: 48000, channels: 2 },
      { codec: "mp3", sampleRate: 48000, channels: 1 },
      { codec: "flac", sampleRate: 44100, channels: 2 },
    ]);
    expect(sink.ended).toEqual([256]);
  });

  test("MultichannelConfig gives the number of channels", () => {
    const sink = demux(audio(`91 ${AC3} 0b77 0000 10 40 43 00`), audio(`94 ${AC3} 01 06 0000003f`), audio(`94 ${AC3} 00 06`));
    expect(sink.tracks.map((track) => track.channels)).toEqual([2, 6]);
  });

  test("ModEx gives nanoseconds, with sizes of one and of two bytes, and unknown kinds are skipped", () => {
    const config = video(`90 ${AVC1} ${AVCC}`);
    const filler = "00".repeat(256);
    const sink = demux(
      config,
      video(`97 02 0f423f 03 ${AVC1} ${IDR}`),
      video(`97 ff 00ff ${filler} 17 02 000064 01 ${AVC1} 000028 ${IDR}`),
      video(`97 02 ffffff 03 ${AVC1} ${IDR}`),
    );
    expect(sink.frames.map((frame) => frame.ptsNanos)).toEqual([999_999, 100, 999_999]);
    expect(sink.frames[1]).toMatchObject({ dts: 0, pts: 40 });
    expect(() => demux(config, video(`97 01 0001 03 ${AVC1} ${IDR}`))).toThrow("flv ModEx: need 3 bytes, have 2");
    expect(() => demux(config, video(`97 ${"02 000001 07".repeat(9)} ${AVC1}`))).toThrow("more than 8 ModEx units");
  });

  test("multitrack: one track, many tracks of one codec, many tracks of many codecs", () => {
    const avcc = fromHex(AVCC).length.toString(16).padStart(6, "0");
    const hvcc = fromHex(HVCC).length.toString(16).padStart(6, "0");
    const sink = demux(
      video(`90 ${AVC1} ${AVCC}`),
      video(`96 00 ${AVC1} 01 ${AVCC}`),
      video(`96 20 ${HVC1} 02 ${hvcc} ${HVCC} ${AVC1} 03 ${avcc} ${AVCC}`),
      video(`96 13 ${AVC1} 00 000007 ${IDR} 01 000007 ${IDR}`, 40),
      video(`96 21 ${HVC1} 02 00000a 000028 00000003 2601af ${AVC1} 03 00000a 000000 ${IDR}`, 80),
      video(`96 02 ${AVC1} 01`, 120),
    );
    expect(sink.tracks.map((track) => `${track.id} ${track.codec}`)).toEqual(["0 h264", "1 h264", "2 hevc", "3 h264"]);
    expect(sink.frames.map((frame) => `${frame.track.id} @${frame.pts}`)).toEqual(["0 @40", "1 @40", "2 @120", "3 @80"]);
    expect(sink.ended).toEqual([1]);
  });

  test("multitrack audio", () => {
    const sink = demux(audio(`95 00 ${MP4A} 01 1190`), audio(`95 11 ${MP4A} 01 000002 2100 01 000002 2101`));
    expect(sink.tracks).toMatchObject([{ id: 257, codec: "aac", sampleRate: 48000 }]);
    expect(sink.frames.map((frame) => toHex(frame.payload))).toEqual(["2100", "2101"]);
  });

  test("a part longer than the message, a reserved multitrack type and a message of too many parts are refused", () => {
    expect(() => demux(video(`96 11 ${AVC1} 00 000009 ${IDR}`))).toThrow("flv: need 9 bytes, have 7");
    expect(() => demux(video("96 31"))).toThrow("AvMultitrackType 3 is reserved");
    expect(() => demux(video(`96 11 ${AVC1} ${"00 000003 000000".repeat(257)}`))).toThrow("more than 256 tracks in a message");
  });

  test("unknown packet types are refused, command frames are not looked at", () => {
    expect(() => demux(video(`98 ${AVC1}`))).toThrow("VideoPacketType 8 is not supported");
    expect(() => demux(audio(`93 ${MP4A}`))).toThrow("AudioPacketType 3 is not supported");
    expect(() => demux(video(`96 06 ${AVC1} 00`))).toThrow("VideoPacketType 6 is not supported");
    expect(demux(video("d1 00")).events).toEqual([]);
  });

  test("video metadata is a data frame", () => {
    const body = encodeAmf0("colorInfo", { colorConfig: { bitDepth: 10 } });
    const sink = demux(video(`d4 ${HVC1} ${toHex(body)}`, 40));
    expect(sink.tracks).toMatchObject([{ id: 512, kind: "data", codec: "amf0" }]);
    expect(sink.frames).toMatchObject([{ dts: 40, payload: body }]);
  });
});

describe("script data", () => {
  const script = (...values: Parameters<typeof encodeAmf0>): Message => [18, toHex(encodeAmf0(...values))];
  const value = new AmfEcmaArray({ width: 322, encoder: "x" });

  test("onMetaData, behind @setDataFrame or not, is metadata; the same again is no news", () => {
    const sink = demux(
      script("@setDataFrame", "onMetaData", value),
      script("onMetaData", value),
      script("onMetaData", { width: 1 }),
    );
    expect(sink.events).toEqual(["metadata", "metadata"]);
    expect(decodeAmf0(sink.metadataValue)).toEqual([{ width: 1 }]);
    expect(demux(script("onMetaData", value)).metadataValue).toEqual(encodeAmf0(value));
  });

  test("metadata without its end marker, and in AMF3, becomes plain AMF0", () => {
    const cut = toHex(encodeAmf0("onMetaData", value)).slice(0, -6);
    expect(demux([18, cut]).metadataValue).toEqual(encodeAmf0(value));
    const amf3 = `${toHex(encodeAmf0("onMetaData"))} 11 0a 0b 01 03 61 04 05 01`;
    expect(demux([18, amf3]).metadataValue).toEqual(encodeAmf0(new AmfEcmaArray({ a: 5 })));
  });

  test("other script data is a frame of the data track, with its name", () => {
    const sink = demux(script("onTextData", { text: "x" }), script("@setDataFrame", "onFI", 1));
    expect(sink.events).toEqual(["track amf0 512", "frame", "frame"]);
    expect(decodeAmf0(sink.frames[1]!.payload)).toEqual(["onFI", 1]);
  });

  test("nothing, @clearDataFrame, metadata without a value or too large are dropped", () => {
    const large = new AmfEcmaArray({ keyframes: "x".repeat(70_000) });
    const messages: Message[] = [
      [18, ""],
      script("@clearDataFrame", "onMetaData"),
      script("onMetaData"),
      script("onMetaData", 5),
    ];
    expect(demux(...messages, script("onMetaData", large), script("@setDataFrame")).events).toEqual([]);
  });

  test("script data without a name is refused", () => {
    expect(() => demux(script(5))).toThrow("flv: script data does not begin with a name");
  });
});

test("times go on over the wrap of 32 bits", () => {
  const sink = demux(audio("72 d5", 0xffffffff), audio("72 d5", 19), audio("72 d5", 39));
  expect(sink.frames.map((frame) => frame.dts)).toEqual([0xffffffff, 2 ** 32 + 19, 2 ** 32 + 39]);
});

test("a presentation time before zero is zero", () => {
  const sink = demux(video(`17 00 000000 ${AVCC}`), video(`17 01 ffff00 ${IDR}`, 40));
  expect(sink.frames).toMatchObject([{ dts: 40, pts: 0 }]);
});

test("a configuration above the limit is refused", () => {
  expect(() => demux(audio(`af 00 1210 ${"00".repeat(16 * 1024)}`))).toThrow(
    "flv: a decoder configuration of 16386 bytes is above the limit",
  );
});

test("mutated and random bodies give frames or a MediaError, and frames whose lengths add up", () => {
  const url = new URL("../../../test/golden/flv/h264-aac-bframes.flv", import.meta.url);
  const seeds = readFlvTags(new Uint8Array(readFileSync(url))).slice(0, 6);
  const seed = fc.tuple(fc.constantFrom(...seeds), fc.array(fc.tuple(fc.nat(60), fc.nat(255)), { maxLength: 4 }), fc.nat(400));
  const mutated = seed.map(([tag, changes, length]) => {
    const data = tag.data.slice(0, 300);
    for (const [at, byte] of changes) data[at] = byte;
    return { ...tag, data: data.subarray(0, length) };
  });
  const extended = fc.record({
    type: fc.constantFrom<FlvTagType>(8, 9, 18),
    timestamp: fc.nat(0xffffffff),
    data: fc
      .tuple(
        fc.constantFrom(0x90, 0x91, 0x95, 0x96, 0x97, 0xa3),
        fc.constantFrom(HVC1, AV01, VP09, OPUS, FLAC, AC3),
        fc.uint8Array(),
      )
      .map(([head, fourCc, rest]) => Uint8Array.of(head, ...fromHex(fourCc ?? ""), ...rest)),
  });
  fc.assert(
    fc.property(fc.array(fc.oneof(mutated, extended), { maxLength: 12 }), (tags) => {
      const sink = new RecordingSink();
      const demuxer = new FlvTagDemuxer(sink);
      for (const tag of tags) {
        try {
          demuxer.read(tag);
        } catch (error) {
          expect(error).toBeInstanceOf(MediaError);
        }
      }
      for (const frame of sink.frames) {
        expect(frame.payload.length).toBeGreaterThan(0);
        expect(Math.min(frame.dts, frame.pts, frame.ptsNanos)).toBeGreaterThanOrEqual(0);
      }
    }),
    { numRuns: 1000 },
  );
});
