import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ByteReader } from "../../src/bytes/byte-reader.ts";
import { ByteWriter } from "../../src/bytes/byte-writer.ts";
import { type Parser, ParserDriver } from "../../src/bytes/parser.ts";
import { describeCodec } from "../../src/codecs/codec.ts";
import { readAmf0 } from "../../src/containers/amf/amf0.ts";
import { readAmf3 } from "../../src/containers/amf/amf3.ts";
import { flvFormat } from "../../src/containers/flv/flv-muxer.ts";
import { flvStream } from "../../src/containers/flv/flv-parser.ts";
import { FlvTagDemuxer } from "../../src/containers/flv/tag-demuxer.ts";
import { tsFormat } from "../../src/containers/mpegts/ts-muxer.ts";
import { emptyLog } from "../../src/hub/frame-log-writer.ts";
import { TestSink, testPool, testRenditionOptions, testWriter } from "../../src/hub/hub-testing.ts";
import { Rendition } from "../../src/hub/rendition.ts";
import type { MediaSink } from "../../src/media/frame.ts";
import type { Format } from "../../src/media/muxer.ts";
import type { Codec } from "../../src/media/track.ts";
import { RequestHeadBuffer } from "../../src/protocols/http/request-head-buffer.ts";
import { rtmpFormat } from "../../src/protocols/rtmp/rtmp-muxer.ts";
import { RtmpServerSession } from "../../src/protocols/rtmp/server-session.ts";
import { WebSocketFrameParser } from "../../src/protocols/websocket/frame-parser.ts";
import { writeCloseFrame, writeFrame } from "../../src/protocols/websocket/frame-writer.ts";
import type { FuzzTarget } from "./fuzz.ts";

const GOLDEN = join(import.meta.dirname, "../golden");
const MAX_ASK_BYTES = 9 * 1024 * 1024;
const text = (value: string): Uint8Array => new TextEncoder().encode(value);

/** All parsers that read what peers send, with captures of real peers as seeds. */
export function fuzzTargets(): FuzzTarget[] {
  const flv = goldenFiles("flv", ".flv");
  return [
    { name: "rtmp-server", seeds: goldenFiles("rtmp", ".bin"), run: runRtmpServer },
    { name: "flv-to-every-format", seeds: flv, run: runFlvToRenditions },
    { name: "amf0", seeds: amfSeeds(), run: (bytes) => void readAll(bytes, readAmf0) },
    { name: "amf3", seeds: amfSeeds(), run: (bytes) => void readAll(bytes, readAmf3) },
    { name: "http-head", seeds: HTTP_HEADS.map(text), run: runHttpHead },
    { name: "websocket", seeds: webSocketSeeds(), run: runWebSocket },
    { name: "codec-configs", seeds: configSeeds(flv), run: runConfigs },
  ];
}

const HTTP_HEADS = [
  "GET /live/demo.flv?disableAudio=1 HTTP/1.1\r\nHost: a:8080\r\nUser-Agent: Lavf/59\r\nAccept: */*\r\nRange: bytes=0-\r\n\r\n",
  "POST /live/stream HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n",
  "GET /live/demo.flv HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n" +
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
  "OPTIONS * HTTP/1.0\r\n\r\n",
  "GET http://host/%6cive/a%20b.flv?x=%00 HTTP/1.1\r\nHost: host\r\n\r\n",
];

function goldenFiles(folder: string, ending: string): Uint8Array[] {
  const path = join(GOLDEN, folder);
  if (!existsSync(path)) return [];
  return readdirSync(path)
    .filter((name) => name.endsWith(ending))
    .map((name) => new Uint8Array(readFileSync(join(path, name))));
}

function runRtmpServer(bytes: Uint8Array, cut: (bytes: Uint8Array) => Iterable<Uint8Array>): void {
  const demuxers = new Map<number, FlvTagDemuxer>();
  const session: RtmpServerSession = new RtmpServerSession({
    crypto: { hmacSha256: () => new Uint8Array(32), random: (length) => new Uint8Array(length) },
    send: () => {},
    handler: {
      connect: () => session.acceptConnect(),
      publish: ({ streamId }) => session.acceptPublish(streamId),
      play: ({ streamId }) => session.acceptPlay(streamId),
      media: ({ streamId, type, timestamp, payload }) => {
        const demuxer = demuxers.get(streamId) ?? new FlvTagDemuxer(nullSink);
        demuxers.set(streamId, demuxer);
        demuxer.read({ type, timestamp, data: payload });
      },
      pause: () => {},
      receiveAudio: () => {},
      receiveVideo: () => {},
      closeStream: (streamId) => demuxers.delete(streamId),
      acknowledged: () => {},
    },
  });
  for (const piece of cut(bytes)) session.push(piece);
}

const nullSink: MediaSink = { track() {}, trackEnd() {}, metadata() {}, frame() {} };
const FORMATS: readonly Format[] = [flvFormat("av"), rtmpFormat("av"), tsFormat("av")];

/** FLV from a hostile publisher, all the way through the hub into the bytes of viewers. */
function runFlvToRenditions(bytes: Uint8Array, cut: (bytes: Uint8Array) => Iterable<Uint8Array>): void {
  const log = emptyLog();
  const pool = testPool();
  const renditions = FORMATS.map((format) => new Rendition(format, log, pool, testRenditionOptions));
  const writer = testWriter(
    {
      onReplaced: (larger) => {
        for (const rendition of renditions) rendition.replaceLog(larger);
      },
    },
    log,
  );
  for (const rendition of renditions) rendition.join(new TestSink(), "test", () => {});
  const demuxer = new FlvTagDemuxer(writer.beginInput());
  const driver = new ParserDriver(
    flvStream((tag) => demuxer.read(tag)),
    { format: "flv", maxAskBytes: MAX_ASK_BYTES },
  );
  for (const piece of cut(bytes)) {
    driver.push(piece);
    for (const rendition of renditions) rendition.pull();
  }
  for (const rendition of renditions) rendition.close("stream ended", 0);
}

function readAll(bytes: Uint8Array, read: (reader: ByteReader) => unknown): void {
  const reader = new ByteReader(bytes, "amf");
  while (reader.remaining > 0) read(reader);
}

function amfSeeds(): Uint8Array[] {
  const seeds: Uint8Array[] = [];
  const collect: MediaSink = { ...nullSink, metadata: (amf0) => seeds.push(amf0.slice()) };
  for (const file of goldenFiles("flv", ".flv")) demux(file, collect);
  return [...seeds, Uint8Array.of(3, 0, 1, 97, 0, 63, 240, 0, 0, 0, 0, 0, 0, 0, 0, 9), Uint8Array.of(10, 11, 1, 3, 97, 4, 5, 1)];
}

function configSeeds(files: readonly Uint8Array[]): Uint8Array[] {
  const seeds: Uint8Array[] = [Uint8Array.of(0x12, 0x10), Uint8Array.of(0x81, 0, 0x0c, 0, 10, 11, 0, 0, 0, 4)];
  for (const file of files) demux(file, { ...nullSink, track: (track) => seeds.push(track.config.slice()) });
  return seeds.filter((seed) => seed.length > 0);
}

function demux(file: Uint8Array, sink: MediaSink): void {
  const demuxer = new FlvTagDemuxer(sink);
  const grammar: Parser = flvStream((tag) => demuxer.read(tag));
  new ParserDriver(grammar, { format: "flv", maxAskBytes: MAX_ASK_BYTES }).push(file);
}

const CONFIGURED: readonly Codec[] = ["h264", "hevc", "av1", "vp9", "vp8", "aac", "opus", "flac"];

function runConfigs(bytes: Uint8Array): void {
  const [choice = 0] = bytes;
  const codec = CONFIGURED[choice % CONFIGURED.length] ?? "h264";
  describeCodec(codec, bytes.subarray(1));
  describeCodec(codec, bytes);
}

function runHttpHead(bytes: Uint8Array, cut: (bytes: Uint8Array) => Iterable<Uint8Array>): void {
  const buffer = new RequestHeadBuffer();
  for (const piece of cut(bytes)) if (buffer.push(piece)) return;
}

function webSocketSeeds(): Uint8Array[] {
  const mask = Uint8Array.of(1, 2, 3, 4);
  const w = new ByteWriter(1024);
  w.put(writeFrame(2, new Uint8Array(300).fill(7), mask));
  w.put(writeFrame(9, text("ping"), mask));
  w.put(writeFrame(1, text("hello"), mask));
  return [w.toBytes(), writeFrame(2, new Uint8Array(70_000), mask), writeCloseFrame(1000, "bye", mask)];
}

function runWebSocket(bytes: Uint8Array, cut: (bytes: Uint8Array) => Iterable<Uint8Array>): void {
  const handler = { binary() {}, text() {}, ping() {}, pong() {}, close() {} };
  const parser = new WebSocketFrameParser(handler, { role: "server", binary: "stream", maxMessageBytes: 4096 });
  for (const piece of cut(bytes)) parser.push(piece);
}
