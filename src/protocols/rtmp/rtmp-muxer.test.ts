import { createHmac, randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ByteWriter } from "../../bytes/byte-writer.ts";
import { fromHex } from "../../bytes/hex.ts";
import { createTrack } from "../../codecs/codec.ts";
import { writeHevcConfig } from "../../codecs/hevc/hevc-config.ts";
import { hevcConfigOf } from "../../codecs/hevc/sps.ts";
import { encodeAmf0 } from "../../containers/amf/amf0.ts";
import { RecordingSink } from "../../containers/flv/flv-testing.ts";
import type { FlvSelect } from "../../containers/flv/served-tracks.ts";
import { FlvTagDemuxer } from "../../containers/flv/tag-demuxer.ts";
import type { Frame } from "../../media/frame.ts";
import type { Prologue } from "../../media/prologue.ts";
import type { Track } from "../../media/track.ts";
import { ChunkDemuxer } from "./chunk-demuxer.ts";
import { RtmpClientSession } from "./client-session.ts";
import { LIMITS_AFTER_ACCEPT } from "./connection.ts";
import { RTMP_OUT_CHUNK_SIZE, type RtmpMessage } from "./messages.ts";
import { rtmpFormat } from "./rtmp-muxer.ts";
import { RtmpServerSession } from "./server-session.ts";

const h264Config = fromHex("0164000dffe1001a6764000dacd941519e226c044000000300400000 0c83c50a658001000468efbcb0fdf8f800");
const hevcConfig = writeHevcConfig(
  hevcConfigOf(
    [fromHex("40010c01ffff01600000030090000003000003003c959809")],
    [fromHex("42010101600000030090000003000003003ca00a480b9c9596566924caf0168080000003008000000c84")],
    [fromHex("4401c172b46240")],
  ),
);
const h264 = createTrack("h264", 0, 1000, h264Config);
const hevc = createTrack("hevc", 0, 1000, hevcConfig);
const aac = createTrack("aac", 0, 1000, fromHex("1210"));
const opus = createTrack("opus", 0, 1000, fromHex("4f707573486561640102380180bb0000000000"));
const secondAac = createTrack("aac", 1, 1000, fromHex("1208"));
const metadata = encodeAmf0({ title: "camera", width: 320 });

const prologue = (tracks: readonly Track[], more: Partial<Prologue> = {}): Prologue => ({
  version: 1,
  tracks,
  metadata,
  ...more,
});

/** A NAL unit with its length in front, so that the demuxers find what they expect. */
function accessUnit(first: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length + 6).fill(0x55);
  new DataView(bytes.buffer).setUint32(0, length + 2);
  bytes[4] = first;
  return bytes;
}

const payloadOf: Partial<Record<Track["codec"], (isKey: boolean, length: number) => Uint8Array>> = {
  h264: (isKey, length) => accessUnit(isKey ? 0x65 : 0x41, length),
  hevc: (isKey, length) => accessUnit(isKey ? 0x26 : 0x02, length),
};

function frame(
  track: Track,
  dts: number,
  options: { pts?: number; isKey?: boolean; length?: number; nanos?: number } = {},
): Frame {
  const { pts = dts, isKey = true, length = 100, nanos = 0 } = options;
  const payload = payloadOf[track.codec]?.(isKey, length) ?? new Uint8Array(length + 1).fill(0xfc);
  return { track, dts, pts, ptsNanos: nanos, isKey: track.kind === "video" ? isKey : true, arrivalMs: 0, payload };
}

/** Writes into buffers of exactly the announced size, as renditions do. */
function mux(select: FlvSelect, act: (start: (p: Prologue, atMs: number) => void, put: (f: Frame) => void) => void): Uint8Array {
  const muxer = rtmpFormat(select).createMuxer();
  const out = new ByteWriter();
  const bounded = (bytes: number, fill: (w: ByteWriter) => void) => {
    const w = ByteWriter.over(new Uint8Array(bytes));
    fill(w);
    out.put(w.written());
  };
  act(
    (p, atMs) => bounded(muxer.maxPrologueBytes(p), (w) => muxer.writeStart(w, p, atMs)),
    (f) => bounded(muxer.maxFrameBytes(f), (w) => muxer.writeFrame(w, f)),
  );
  return out.toBytes();
}

function messagesOf(bytes: Uint8Array): RtmpMessage[] {
  const messages: RtmpMessage[] = [];
  const demuxer = new ChunkDemuxer(
    (message) => messages.push({ ...message, payload: message.payload.slice() }),
    LIMITS_AFTER_ACCEPT,
  );
  demuxer.push(Uint8Array.of(2, 0, 0, 0, 0, 0, 4, 1, 0, 0, 0, 0, 0, 0, RTMP_OUT_CHUNK_SIZE >> 8, RTMP_OUT_CHUNK_SIZE & 0xff));
  demuxer.push(bytes);
  return messages;
}

function demux(bytes: Uint8Array): RecordingSink {
  const sink = new RecordingSink();
  const demuxer = new FlvTagDemuxer(sink);
  for (const { type, timestamp, payload } of messagesOf(bytes))
    demuxer.read({ type: type === 8 ? 8 : type === 9 ? 9 : 18, timestamp, data: payload });
  return sink;
}

describe("rtmpFormat", () => {
  test("begins with metadata at 0 and decoder configurations at the time of the join point, on stream 1", () => {
    const bytes = mux("av", (start) => start(prologue([h264, aac]), 5000));
    expect(messagesOf(bytes).map((m) => [m.chunkStreamId, m.type, m.streamId, m.timestamp])).toEqual([
      [7, 18, 1, 0],
      [6, 9, 1, 5000],
      [4, 8, 1, 5000],
    ]);
    const sink = demux(bytes);
    expect(sink.tracks).toEqual([h264, aac]);
    expect(sink.metadataValue).toEqual(metadata);
  });

  test.each([
    { name: "H.264 and AAC", video: h264, audio: aac },
    { name: "HEVC and Opus", video: hevc, audio: opus },
  ])("$name: frames of any size and time are read again as they were", ({ video, audio }) => {
    const step = fc.record({
      isVideo: fc.boolean(),
      isKey: fc.boolean(),
      wait: fc.nat(3_000_000),
      composition: fc.integer({ min: 0, max: 5000 }),
      length: fc.oneof(fc.nat(500), fc.integer({ min: 59_980, max: 60_020 }), fc.integer({ min: 119_990, max: 180_010 })),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 6 }), fc.constantFrom(0, 16_777_000, 2 ** 32 - 2_000_000), (steps, begin) => {
        let dts = begin;
        const frames = steps.map(({ isVideo, isKey, wait, composition, length }) => {
          dts += wait;
          return isVideo ? frame(video, dts, { isKey, pts: dts + composition, length }) : frame(audio, dts, { length });
        });
        const sink = demux(
          mux("av", (start, put) => {
            start(prologue([video, audio]), begin);
            for (const each of frames) put(each);
          }),
        );
        expect(sink.frames).toEqual(frames);
      }),
      { numRuns: 15 },
    );
  });

  test("messages above the chunk size are cut by type 3 chunks, with the extended timestamp again", () => {
    const bytes = mux("av", (start, put) => {
      start(prologue([h264]), 0);
      put(frame(h264, 0x1000000, { length: 130_000 }));
    });
    const marks = [1, 2].map((nth) => {
      const message = bytes.length - (130_000 + 6 + 5) - 2 * 5;
      return Array.from(bytes.subarray(message + nth * RTMP_OUT_CHUNK_SIZE + (nth - 1) * 5).subarray(0, 5));
    });
    expect(marks).toEqual([
      [0xc6, 1, 0, 0, 0],
      [0xc6, 1, 0, 0, 0],
    ]);
  });

  test("one kind only, and the first track of it", () => {
    const write = (select: FlvSelect) =>
      mux(select, (start, put) => {
        start(prologue([h264, aac, secondAac]), 0);
        for (const each of [frame(h264, 0), frame(aac, 1), frame(secondAac, 2)]) put(each);
      });
    expect(demux(write("av")).frames.map((each) => each.track.id)).toEqual([h264.id, aac.id]);
    expect(demux(write("audio")).frames.map((each) => each.track.id)).toEqual([aac.id]);
    expect(demux(write("video")).frames.map((each) => each.track.id)).toEqual([h264.id]);
  });

  test("a change writes what is new: another configuration, the end of a track, other metadata", () => {
    const change = (before: Prologue, after: Prologue) => {
      const muxer = rtmpFormat("av").createMuxer();
      const w = ByteWriter.over(new Uint8Array(muxer.maxPrologueBytes(after)));
      muxer.writeChange(w, before, after, 700);
      return messagesOf(w.written()).map((m) => [m.type, m.timestamp, m.payload.length]);
    };
    const both = prologue([h264, aac]);
    expect(change(both, prologue([h264, aac], { version: 2 }))).toEqual([]);
    expect(change(both, prologue([h264, { ...aac, config: fromHex("1208") }], { version: 2 }))).toEqual([[8, 700, 4]]);
    expect(change(both, prologue([aac], { version: 2 }))).toEqual([[9, 700, 5]]);
    expect(change(both, prologue([hevc, aac], { version: 2 }))).toEqual([[9, 700, 5 + hevcConfig.length]]);
    const other = encodeAmf0({ title: "other" });
    expect(change(both, prologue([h264, aac], { version: 2, metadata: other }))).toEqual([[18, 0, 13 + other.length]]);
  });

  test("multitrack: every track under its number, each found again", () => {
    const muxer = rtmpFormat("av", { multitrack: true, isForPublishing: true }).createMuxer();
    const start = prologue([h264, aac, secondAac]);
    const w = ByteWriter.over(new Uint8Array(muxer.maxPrologueBytes(start) + 3000));
    muxer.writeStart(w, start, 0);
    const frames = [frame(h264, 0, { pts: 40 }), frame(aac, 1), frame(secondAac, 2)];
    for (const each of frames) muxer.writeFrame(w, each);
    const sink = demux(w.written());
    expect(sink.tracks).toEqual([h264, aac, secondAac]);
    expect(sink.frames).toEqual(frames);
    expect(sink.metadataValue).toEqual(metadata);
  });
});

describe("from a client session through a server session", () => {
  const crypto = {
    hmacSha256: (key: Uint8Array, data: Uint8Array) => new Uint8Array(createHmac("sha256", key).update(data).digest()),
    random: (length: number) => new Uint8Array(randomBytes(length)),
  };

  /** Publishes muxed bytes, cut at random; what the other side's demuxer makes of them. */
  function publish(bytes: Uint8Array, sizes: number[]): RecordingSink {
    const sink = new RecordingSink();
    const demuxer = new FlvTagDemuxer(sink);
    const toServer: Uint8Array[] = [];
    const toClient: Uint8Array[] = [];
    const server: RtmpServerSession = new RtmpServerSession({
      crypto,
      send: (data) => toClient.push(data),
      handler: {
        connect: () => server.acceptConnect(),
        publish: ({ streamId }) => server.acceptPublish(streamId),
        play: () => {},
        media: ({ type, timestamp, payload }) => demuxer.read({ type, timestamp, data: payload }),
        pause: () => {},
        receiveAudio: () => {},
        receiveVideo: () => {},
        closeStream: () => {},
        acknowledged: () => {},
      },
    });
    const client = new RtmpClientSession({
      crypto,
      target: { mode: "publish", app: "live", tcUrl: "rtmp://host/live", name: "cam" },
      send: (data) => toServer.push(data),
      handler: { ready: () => toServer.push(bytes), media: () => {}, ended: () => {} },
    });
    let cuts = 0;
    while (toServer.length + toClient.length > 0) {
      for (const data of toClient.splice(0)) client.push(data);
      for (const data of toServer.splice(0))
        for (let at = 0; at < data.length; ) server.push(data.subarray(at, (at += sizes[cuts++ % sizes.length] ?? 1)));
    }
    return sink;
  }

  test.each([
    { name: "H.264 and AAC", video: h264, audio: aac },
    { name: "HEVC and Opus", video: hevc, audio: opus },
  ])("$name arrive as they were sent, however the bytes are cut", ({ video, audio }) => {
    const frames = [
      frame(video, 0xfffff0, { pts: 0xfffff0 + 80, length: 150_000 }),
      frame(audio, 0xfffff5),
      frame(video, 0x1000010, { isKey: false }),
      frame(audio, 0x100001a),
    ];
    const bytes = mux("av", (start, put) => {
      start(prologue([video, audio]), 0xfffff0);
      for (const each of frames) put(each);
    });
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 1, maxLength: 8 }), (sizes) => {
        const sink = publish(bytes, sizes);
        expect(sink.tracks).toEqual([video, audio]);
        expect(sink.frames).toEqual(frames);
      }),
      { numRuns: 15 },
    );
  });
});
