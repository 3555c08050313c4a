import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { ByteWriter } from "../../bytes/byte-writer.ts";
import { toHex } from "../../bytes/hex.ts";
import { flvFormat } from "./flv-muxer.ts";
import type { FlvTag } from "./flv-tag.ts";
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
    const before = readFlvTags(file).filter((tag) => toHex(tag.data) !== AVC_END_OF_SEQUENCE);
    expect(readFlvTags(remux(sink)).map(asText)).toEqual(before.map(asText));
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
