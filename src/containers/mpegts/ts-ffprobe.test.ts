import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { ByteWriter } from "../../bytes/byte-writer.ts";
import { ParserDriver } from "../../bytes/parser.ts";
import { configOfAdts, readAdtsHeader } from "../../codecs/aac/adts.ts";
import { annexBNalUnits } from "../../codecs/h264/annex-b.ts";
import { avcConfigOf, writeAvcConfig } from "../../codecs/h264/avc-config.ts";
import { writeLengthPrefixed } from "../../codecs/h264/nal-units.ts";
import { readHevcConfig, writeHevcConfig } from "../../codecs/hevc/hevc-config.ts";
import type { Frame } from "../../media/frame.ts";
import type { Prologue } from "../../media/prologue.ts";
import { type AudioCodec, type Track, trackId } from "../../media/track.ts";
import { flvStream } from "../flv/flv-parser.ts";
import { FlvTagDemuxer } from "../flv/tag-demuxer.ts";
import { TsMuxer } from "./ts-muxer.ts";

const hasFfmpeg = spawnSync("ffprobe", ["-version"]).status === 0;
const SECONDS = 4;
const FPS = 25;
const EMPTY = new Uint8Array(0);

function ffmpeg(...args: string[]): Uint8Array {
  const { stdout, stderr, status } = spawnSync("ffmpeg", ["-v", "error", ...args, "pipe:1"], { maxBuffer: 1e8 });
  if (status !== 0) throw new Error(stderr.toString());
  return stdout;
}

function track(changes: Pick<Track, "kind" | "codec" | "config" | "timescale">): Track {
  return { id: trackId(changes.kind, 0), width: 0, height: 0, sampleRate: 48_000, channels: 2, ...changes };
}

interface VideoSource {
  readonly codec: "h264" | "hevc";
  readonly encoder: string[];
  typeOf(unit: Uint8Array): number;
  readonly delimiter: number;
  readonly parameterSets: readonly number[];
  isKey(type: number): boolean;
  config(ofType: (type: number) => Uint8Array[]): Uint8Array;
}

const H264: VideoSource = {
  codec: "h264",
  encoder: ["-c:v", "libx264", "-preset", "ultrafast", "-bsf:v", "h264_metadata=aud=insert"],
  typeOf: ([first = 0]) => first & 0x1f,
  delimiter: 9,
  parameterSets: [7, 8],
  isKey: (type) => type === 5,
  config: (ofType) => writeAvcConfig(avcConfigOf(ofType(7), ofType(8))),
};

const HEVC: VideoSource = {
  codec: "hevc",
  encoder: ["-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none:bframes=0:aud=1:keyint=25"],
  typeOf: ([first = 0]) => (first >> 1) & 0x3f,
  delimiter: 35,
  parameterSets: [32, 33, 34],
  isKey: (type) => type >= 16 && type <= 21,
  config: (ofType) => {
    const record = new Uint8Array(23); // the muxer looks at nothing but the arrays
    record[0] = 1;
    const arrays = [32, 33, 34].map((type) => ({ arrayCompleteness: true, nalUnitType: type, nalUnits: ofType(type) }));
    return writeHevcConfig({ ...readHevcConfig(record), arrays });
  },
};

/** A test picture, one access unit for each delimiter that the encoder was told to write; delimiters and parameter sets taken out. */
function videoFrames(source: VideoSource, seconds = SECONDS): Frame[] {
  const input = ["-f", "lavfi", "-i", `testsrc2=s=320x180:r=${FPS}:d=${seconds}`];
  const units = [...annexBNalUnits(ffmpeg(...input, "-g", `${FPS}`, ...source.encoder, "-f", source.codec))];
  const config = source.config((type) => units.filter((unit) => source.typeOf(unit) === type).slice(0, 1));
  const video = track({ kind: "video", codec: source.codec, config, timescale: 1000 });
  const accessUnits: Uint8Array[][] = [];
  for (const unit of units) {
    const type = source.typeOf(unit);
    if (type === source.delimiter) accessUnits.push([]);
    else if (!source.parameterSets.includes(type)) accessUnits.at(-1)?.push(unit);
  }
  return accessUnits.map((accessUnit, i) => {
    const w = new ByteWriter();
    writeLengthPrefixed(w, accessUnit);
    const isKey = accessUnit.some((unit) => source.isKey(source.typeOf(unit)));
    const dts = (i * 1000) / FPS;
    return { track: video, dts, pts: dts, ptsNanos: 0, isKey, arrivalMs: 0, payload: w.toBytes() };
  });
}

/** A tone in packets of constant size, which `-f data` writes one behind the other. */
function audioFrames(codec: AudioCodec, encoder: string[], frameBytes: number, samples: number): Frame[] {
  const input = ["-f", "lavfi", "-i", "sine=r=48000:d=1"];
  const bytes = ffmpeg(...input, "-ac", "2", "-c:a", ...encoder, "-map", "0:a", "-f", "data");
  const config = codec === "opus" ? Uint8Array.from([...Buffer.from("OpusHead"), 1, 2, 0, 0, 0x80, 0xbb, 0, 0, 0, 0, 0]) : EMPTY;
  const audio = track({ kind: "audio", codec, config, timescale: 48_000 });
  return Array.from({ length: bytes.length / frameBytes }, (_, i) => {
    const payload = bytes.subarray(i * frameBytes, (i + 1) * frameBytes);
    return { track: audio, dts: i * samples, pts: i * samples, ptsNanos: 0, isKey: true, arrivalMs: 0, payload };
  });
}

function aacFrames(): Frame[] {
  const adts = ffmpeg("-f", "lavfi", "-i", `sine=r=48000:d=${SECONDS}`, "-ac", "2", "-c:a", "aac", "-f", "adts");
  const audio = track({ kind: "audio", codec: "aac", config: configOfAdts(readAdtsHeader(adts)), timescale: 48_000 });
  const frames: Frame[] = [];
  for (let at = 0; at < adts.length; ) {
    const { headerBytes, frameBytes } = readAdtsHeader(adts.subarray(at));
    const dts = frames.length * 1024;
    const payload = adts.subarray(at + headerBytes, at + frameBytes);
    frames.push({ track: audio, dts, pts: dts, ptsNanos: 0, isKey: true, arrivalMs: 0, payload });
    at += frameBytes;
  }
  return frames;
}

const timeOf = (frame: Frame) => frame.dts / frame.track.timescale;

interface Probe {
  packets: { codec_type: string; pts_time: string; dts_time: string; flags: string }[];
  streams: { codec_name: string; width?: number; channels?: number; profile?: string }[];
}

/** What ffprobe says; any warning fails. */
function probe(bytes: Uint8Array, format = "mpegts"): Probe {
  const args = ["-v", "warning", "-show_packets", "-show_streams", "-of", "json", "-f", format, "pipe:0"];
  const { stdout, stderr } = spawnSync("ffprobe", args, { input: bytes, maxBuffer: 1e8 });
  expect(stderr.toString()).toBe("");
  return JSON.parse(stdout.toString()) as Probe;
}

/** Decodes everything; ends at the first error. Returns what was said. */
function decode(bytes: Uint8Array): string {
  const args = ["-v", "warning", "-xerror", "-f", "mpegts", "-i", "pipe:0", "-f", "null", "-"];
  return spawnSync("ffmpeg", args, { input: bytes, maxBuffer: 1e8 }).stderr.toString();
}

function checkTimes(found: Probe, kind: string, frames: Frame[]): void {
  const packets = found.packets.filter((packet) => packet.codec_type === kind);
  expect(packets).toHaveLength(frames.length);
  for (const [i, packet] of packets.entries()) {
    const frame = frames[i] as Frame;
    expect(Math.abs(Number(packet.dts_time) - 0.2 - timeOf(frame))).toBeLessThan(1e-4);
    expect(packet.flags[0] === "K").toBe(frame.isKey);
  }
}

describe.skipIf(!hasFfmpeg)("what ffprobe reads", () => {
  const video = hasFfmpeg ? videoFrames(H264) : [];
  const audio = hasFfmpeg ? aacFrames() : [];
  const all = [...video, ...audio].sort((a, b) => timeOf(a) - timeOf(b));
  const prologue: Prologue = { version: 1, tracks: [video, audio].flatMap(([first]) => first?.track ?? []), metadata: EMPTY };

  test("of a live stream is every frame at its time, and all of it decodes", () => {
    const w = new ByteWriter();
    const muxer = new TsMuxer("av");
    muxer.writeStart(w, prologue);
    for (const frame of all) {
      if (frame.isKey && frame.track.kind === "video") muxer.writeGopStart(w, prologue, timeOf(frame) * 1000);
      muxer.writeFrame(w, frame);
    }
    const found = probe(w.toBytes());
    expect(found.streams).toMatchObject([
      { codec_name: "h264", width: 320 },
      { codec_name: "aac", channels: 2, profile: "LC" },
    ]);
    checkTimes(found, "video", video);
    checkTimes(found, "audio", audio);
    expect(decode(w.toBytes())).toBe("");
  });

  test("of HLS segments one behind the other is the same", () => {
    const starts = all.flatMap((frame, i) => (frame.isKey && frame.track.kind === "video" ? [i] : []));
    const segments = starts.map((start, i) => {
      const w = new ByteWriter();
      const muxer = new TsMuxer("av");
      muxer.writeStart(w, prologue);
      for (const frame of all.slice(start, starts[i + 1])) muxer.writeFrame(w, frame);
      muxer.writeEnd(w);
      return w.toBytes();
    });
    expect(segments).toHaveLength(SECONDS);
    for (const segment of segments) expect(decode(segment)).toBe("");
    const joined = Uint8Array.from(Buffer.concat(segments));
    const found = probe(joined);
    checkTimes(found, "video", video);
    checkTimes(found, "audio", audio);
    expect(decode(joined)).toBe("");
  });

  test("of HEVC is every frame, and all of it decodes", () => {
    const frames = videoFrames(HEVC, 2);
    expect(frames.filter(({ isKey }) => isKey)).toHaveLength(2);
    const bytes = mux(frames);
    const found = probe(bytes);
    expect(found.streams).toMatchObject([{ codec_name: "hevc", width: 320 }]);
    checkTimes(found, "video", frames);
    expect(decode(bytes)).toBe("");
  });

  test("of an FLV stream with B-frames is what ffprobe reads of the FLV itself", () => {
    const picture = ["-f", "lavfi", "-i", `testsrc2=s=320x180:r=${FPS}:d=3`, "-f", "lavfi", "-i", "sine=r=44100:d=3"];
    const flv = ffmpeg(...picture, "-c:v", "libx264", "-preset", "fast", "-bf", "3", "-g", "25", "-c:a", "aac", "-f", "flv");
    const bytes = remuxFlv(flv);
    const [found, source] = [probe(bytes), probe(flv, "flv")];
    for (const kind of ["video", "audio"]) {
      const packetsOf = ({ packets }: Probe) => packets.filter((packet) => packet.codec_type === kind);
      const expected = packetsOf(source);
      expect(packetsOf(found)).toHaveLength(expected.length);
      for (const [n, packet] of packetsOf(found).entries()) {
        expect(Number(packet.pts_time) - 0.2).toBeCloseTo(Number(expected[n]?.pts_time), 4);
        expect(Number(packet.dts_time) - 0.2).toBeCloseTo(Number(expected[n]?.dts_time), 4);
      }
    }
    expect(source.packets.some(({ pts_time, dts_time }) => Number(pts_time) - Number(dts_time) > 0.05)).toBe(true);
    expect(decode(bytes)).toBe("");
  });

  test.each<[AudioCodec, string[], number, number]>([
    ["mp3", ["libmp3lame", "-b:a", "128k", "-write_xing", "0"], 384, 1152],
    ["ac3", ["ac3", "-b:a", "192k"], 768, 1536],
    ["eac3", ["eac3", "-b:a", "192k"], 768, 1536],
    ["opus", ["libopus", "-vbr", "off", "-b:a", "96k", "-frame_duration", "20"], 240, 960],
  ])("of %s is every frame, and all of it decodes", (codec, encoder, frameBytes, samples) => {
    const frames = audioFrames(codec, encoder, frameBytes, samples);
    expect(frames.length).toBeGreaterThan(30);
    const bytes = mux(frames);
    const found = probe(bytes);
    expect(found.streams).toMatchObject([{ codec_name: codec, channels: 2 }]);
    checkTimes(found, "audio", frames);
    expect(decode(bytes)).toBe("");
  });
});

/** One track, with tables as for a live viewer. */
function mux(frames: Frame[]): Uint8Array {
  const w = new ByteWriter();
  const muxer = new TsMuxer("av");
  const prologue = { version: 1, tracks: frames.slice(0, 1).map((frame) => frame.track), metadata: EMPTY };
  muxer.writeStart(w, prologue);
  for (const frame of frames) {
    if (frame.isKey) muxer.writeGopStart(w, prologue, timeOf(frame) * 1000);
    muxer.writeFrame(w, frame);
  }
  return w.toBytes();
}

/** Demuxes an FLV file and muxes its frames in their order. */
function remuxFlv(flv: Uint8Array): Uint8Array {
  const tracks = new Map<number, Track>();
  const frames: Frame[] = [];
  const demuxer = new FlvTagDemuxer({
    track: (track) => tracks.set(track.id, track),
    trackEnd: () => {},
    metadata: () => {},
    frame: (frame) => frames.push({ ...frame, payload: frame.payload.slice() }),
  });
  new ParserDriver(
    flvStream((tag) => demuxer.read(tag)),
    { format: "flv", maxAskBytes: 1e7 },
  ).push(flv);
  const w = new ByteWriter();
  const muxer = new TsMuxer("av");
  const prologue = { version: 1, tracks: [...tracks.values()], metadata: EMPTY };
  muxer.writeStart(w, prologue);
  for (const frame of frames) {
    if (frame.isKey && frame.track.kind === "video") muxer.writeGopStart(w, prologue, frame.dts);
    muxer.writeFrame(w, frame);
  }
  return w.toBytes();
}
