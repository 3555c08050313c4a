import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { ByteWriter } from "../../bytes/byte-writer.ts";
import { toHex } from "../../bytes/hex.ts";
import { amfProperties } from "../amf/amf-value.ts";
import { type AmfObject, decodeAmf0 } from "../amf/amf0.ts";
import { flvFormat } from "./flv-muxer.ts";
import { FLV_SCRIPT, type FlvTag } from "./flv-tag.ts";
import { RecordingSink, readFlvTags } from "./flv-testing.ts";
import { FlvTagDemuxer } from "./tag-demuxer.ts";

const FILES = [
  {
    name: "h264-aac-bframes",
    video: { codec: "h264", width: 322, height: 182 },
    audio: { codec: "aac", sampleRate: 44100, channels: 2 },
  },
  { name: "mp3", video: undefined, audio: { codec: "mp3", sampleRate: 44100, channels: 1 } },
  { name: "video-only", video: { codec: "h264", width: 322, height: 182 }, audio: undefined },
];
const AVC_END_OF_SEQUENCE = "1702000000";

function golden(name: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(`../../../test/golden/flv/${name}.flv`, import.meta.url)));
}

function demux(file: Uint8Array): RecordingSink {
  const sink = new RecordingSink();
  const demuxer = new FlvTagDemuxer(sink);
  for (const tag of readFlvTags(file)) demuxer.read(tag);
  return sink;
}

function remux(sink: RecordingSink): Uint8Array {
  const muxer = flvFormat("av").createMuxer();
  const w = new ByteWriter();
  muxer.writeStart(w, sink.prologue(), 0);
  for (const frame of sink.frames) muxer.writeFrame(w, frame);
  return w.toBytes();
}

const asText = (tag: FlvTag): string => `${tag.type} @${tag.timestamp} ${toHex(tag.data)}`;

/** The properties in an `onMetaData` tag. */
const metadataOf = (tag: FlvTag | undefined): AmfObject => {
  const [, value] = decodeAmf0(tag?.data ?? new Uint8Array(0));
  return amfProperties(value) ?? {};
};

describe.each(FILES)("ffmpeg's $name.flv", ({ name, video, audio }) => {
  const file = golden(name);
  const sink = demux(file);

  test("its tracks are those of the file", () => {
    const tracks = sink.prologue().tracks;
    expect(tracks.map((track) => track.kind)).toEqual([...(video ? ["video"] : []), ...(audio ? ["audio"] : [])]);
    if (video) expect(tracks.find((track) => track.kind === "video")).toMatchObject(video);
    if (audio) expect(tracks.find((track) => track.kind === "audio")).toMatchObject(audio);
  });

  test("demuxed and muxed again the tags are the same bytes, but for the end of the AVC sequence", () => {
    const before = readFlvTags(file).filter((tag) => tag.type !== FLV_SCRIPT && toHex(tag.data) !== AVC_END_OF_SEQUENCE);
    const after = readFlvTags(remux(sink)).filter((tag) => tag.type !== FLV_SCRIPT);
    expect(after.map(asText)).toEqual(before.map(asText));
  });

  test("metadata loses only what is true of a file alone: duration and file size", () => {
    const before = metadataOf(readFlvTags(file)[0]);
    const { duration, filesize, ...lasting } = before;
    expect([typeof duration, typeof filesize]).toEqual(["number", "number"]);
    expect(metadataOf(readFlvTags(remux(sink))[0])).toEqual(lasting);
  });

  test("muxed twice it is the same file", () => {
    const once = remux(sink);
    expect(remux(demux(once))).toEqual(once);
  });
});

test("B-frames keep their presentation times", () => {
  const frames = demux(golden("h264-aac-bframes")).frames.filter((frame) => frame.track.kind === "video");
  expect(frames).toHaveLength(25);
  expect(frames.filter((frame) => frame.isKey).length).toBeGreaterThanOrEqual(2);
  expect(new Set(frames.map((frame) => frame.pts - frame.dts)).size).toBeGreaterThan(1);
  const shown = frames.map((frame) => frame.pts).sort((a, b) => a - b);
  expect(shown).toEqual(shown.map((_, i) => shown[0]! + 40 * i));
});
