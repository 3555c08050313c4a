import { describe, expect, test } from "vitest";
import { ByteWriter } from "../../bytes/byte-writer.ts";
import { fromHex, toHex } from "../../bytes/hex.ts";
import { createTrack } from "../../codecs/codec.ts";
import type { Frame } from "../../media/frame.ts";
import type { Muxer } from "../../media/muxer.ts";
import type { Prologue } from "../../media/prologue.ts";
import type { Track } from "../../media/track.ts";
import { amfProperties } from "../amf/amf-value.ts";
import { decodeAmf0, encodeAmf0 } from "../amf/amf0.ts";
import { flvFormat } from "./flv-muxer.ts";
import { FLV_HEADER_BYTES, type FlvTag, writeFlvHeader } from "./flv-tag.ts";
import { readFlvTags } from "./flv-testing.ts";
import type { FlvSelect } from "./served-tracks.ts";

const AVCC = fromHex("01 64000d ff e1 001a 6764000dacd941519e226c0440000003004000000c83c50a6580 01 0004 68efbcb0 fdf8f800");
const NONE: Uint8Array = new Uint8Array(0);
const video = createTrack("h264", 0, 1000, AVCC);
const audio = createTrack("aac", 0, 1000, fromHex("1210"));
const opus = createTrack("opus", 0, 1000, fromHex("4f70757348656164 01 02 3801 80bb0000 0000 00"));
const secondVideo = createTrack("h264", 1, 1000, AVCC);
const data = createTrack("amf0", 0, 1000, NONE);

function prologue(tracks: Track[], metadata = NONE, version = 1): Prologue {
  return { version, tracks, metadata };
}

function frame(track: Track, dts = 40, payload = fromHex("00000001 65")): Frame {
  return { track, dts, pts: dts, ptsNanos: 0, isKey: true, arrivalMs: 0, payload };
}

/** What `write` writes, into a buffer of exactly the bound that the muxer gave. */
function bytesOf(bound: number, write: (w: ByteWriter) => void): Uint8Array {
  const w = ByteWriter.over(new Uint8Array(bound));
  write(w);
  return w.toBytes();
}

function start(muxer: Muxer, value: Prologue, atMs = 0): Uint8Array {
  return bytesOf(muxer.maxPrologueBytes(value), (w) => muxer.writeStart(w, value, atMs));
}

/** The tags of bytes that begin behind a file header. */
function tagsOf(bytes: Uint8Array): FlvTag[] {
  const w = new ByteWriter();
  writeFlvHeader(w, true, true);
  w.put(bytes);
  return readFlvTags(w.toBytes());
}

const heads = (tags: FlvTag[]): string[] => tags.map((tag) => `${tag.type} @${tag.timestamp} ${toHex(tag.data.subarray(0, 2))}`);

describe("writeStart", () => {
  test("header, metadata at 0, then the configurations at the time of the join point", () => {
    const metadata = encodeAmf0({ encoder: "x" });
    const bytes = start(flvFormat("av").createMuxer(), prologue([audio, video], metadata), 0x1_0200_0003);
    expect(bytes[4]).toBe(5);
    const tags = readFlvTags(bytes);
    expect(heads(tags)).toEqual(["18 @0 0200", "9 @33554435 1700", "8 @33554435 af00"]);
    expect(tags[0]!.data).toEqual(fromHex(toHex(encodeAmf0("onMetaData")) + toHex(metadata)));
    expect(tags[1]!.data.subarray(5)).toEqual(AVCC);
  });

  test.each<[FlvSelect, number, string[]]>([
    ["audio", 4, ["18 @0 0200", "8 @0 af00"]],
    ["video", 1, ["18 @0 0200", "9 @0 1700"]],
  ])("%s alone has its flag and its tags", (select, flags, expected) => {
    const bytes = start(flvFormat(select).createMuxer(), prologue([video, audio]));
    expect(bytes[4]).toBe(flags);
    expect(heads(readFlvTags(bytes))).toEqual(expected);
  });

  test("metadata is made where the publisher gave none", () => {
    const [tag] = readFlvTags(start(flvFormat("av").createMuxer(), prologue([video, opus])));
    const [name, value] = decodeAmf0(tag!.data);
    expect(name).toBe("onMetaData");
    expect(amfProperties(value)).toEqual({
      width: 322,
      height: 182,
      framerate: 25,
      videocodecid: 7,
      audiocodecid: 0x4f707573,
      audiosamplerate: 48000,
      audiochannels: 2,
      stereo: true,
    });
  });

  test("the first track of each kind is served", () => {
    expect(heads(readFlvTags(start(flvFormat("av").createMuxer(), prologue([secondVideo, video, audio]))))).toHaveLength(3);
  });

  test("an empty stream is a header and metadata that says nothing", () => {
    const bytes = start(flvFormat("av").createMuxer(), prologue([]));
    expect(bytes[4]).toBe(0);
    expect(readFlvTags(bytes)).toHaveLength(1);
  });
});

describe("writeFrame", () => {
  function written(select: FlvSelect, tracks: Track[], frames: Frame[]): string[] {
    const muxer = flvFormat(select).createMuxer();
    muxer.writeGopStart(new ByteWriter(), prologue(tracks), 0);
    const parts = frames.map((each) => bytesOf(muxer.maxFrameBytes(each), (w) => muxer.writeFrame(w, each)));
    return parts.flatMap((part) => heads(tagsOf(part)));
  }
  const frames = [frame(video), frame(secondVideo), frame(audio), frame(data, 60, encodeAmf0("onFI", 1))];

  test("writes the served tracks of the format and script data", () => {
    const tracks = [video, secondVideo, audio, data];
    expect(written("av", tracks, frames)).toEqual(["9 @40 1701", "8 @40 af01", "18 @60 0200"]);
    expect(written("audio", tracks, frames)).toEqual(["8 @40 af01", "18 @60 0200"]);
    expect(written("video", tracks, frames)).toEqual(["9 @40 1701", "18 @60 0200"]);
  });

  test("without the first track the second is served", () => {
    expect(written("av", [secondVideo], [frame(secondVideo)])).toEqual(["9 @40 1701"]);
  });

  test("a viewer who joins further back does not change what is written", () => {
    const muxer = flvFormat("av").createMuxer();
    muxer.writeGopStart(new ByteWriter(), prologue([video, secondVideo], NONE, 2), 0);
    start(muxer, prologue([audio], NONE, 1));
    expect(bytesOf(100, (w) => muxer.writeFrame(w, frame(video)))).not.toHaveLength(0);
  });

  test("a frame's tag does not depend on who watches", () => {
    const one = flvFormat("av").createMuxer();
    const other = flvFormat("av").createMuxer();
    const both = prologue([video, audio]);
    one.writeGopStart(new ByteWriter(), both, 0);
    start(other, both, 5000);
    expect(bytesOf(100, (w) => one.writeFrame(w, frame(video)))).toEqual(bytesOf(100, (w) => other.writeFrame(w, frame(video))));
  });
});

describe("writeChange", () => {
  function change(before: Prologue, after: Prologue): string[] {
    const muxer = flvFormat("av").createMuxer();
    const bound = muxer.maxPrologueBytes(after) - FLV_HEADER_BYTES;
    return heads(tagsOf(bytesOf(bound, (w) => muxer.writeChange(w, before, after, 80))));
  }
  const metadata = encodeAmf0({ encoder: "x" });
  const bothKinds = prologue([video, audio], metadata);

  test("what did not change is not written", () => {
    expect(change(bothKinds, { ...bothKinds, version: 2 })).toEqual([]);
  });

  test("a changed configuration, a new track, changed metadata", () => {
    const changed = { ...video, config: AVCC.with(3, 14) };
    expect(change(bothKinds, prologue([changed, audio], metadata, 2))).toEqual(["9 @80 1700"]);
    expect(change(prologue([video], metadata), prologue([video, audio], metadata, 2))).toEqual(["8 @80 af00"]);
    expect(change(bothKinds, prologue([video, audio], encodeAmf0({ encoder: "y" }), 2))).toEqual(["18 @0 0200"]);
  });

  test("another codec begins with its configuration, and a track that went ends", () => {
    expect(change(bothKinds, prologue([video, opus], metadata, 2))).toEqual(["8 @80 904f"]);
    expect(change(prologue([video, opus], metadata), prologue([], metadata, 2))).toEqual(["9 @80 1702", "8 @80 924f"]);
  });

  test("when the served track goes, the next of its kind takes its place", () => {
    const muxer = flvFormat("av").createMuxer();
    muxer.writeChange(new ByteWriter(), prologue([video, secondVideo]), prologue([secondVideo], NONE, 2), 80);
    expect(heads(tagsOf(bytesOf(100, (w) => muxer.writeFrame(w, frame(secondVideo)))))).toEqual(["9 @40 1701"]);
  });
});

test("formats are named by what they carry", () => {
  expect((["av", "audio", "video"] as const).map((select) => flvFormat(select).name)).toEqual(["flv", "flv/audio", "flv/video"]);
});
