import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { ByteWriter } from "../../bytes/byte-writer.ts";
import { configOfAdts, readAdtsHeader } from "../../codecs/aac/adts.ts";
import { annexBNalUnits } from "../../codecs/h264/annex-b.ts";
import { avcConfigOf, writeAvcConfig } from "../../codecs/h264/avc-config.ts";
import { writeLengthPrefixed } from "../../codecs/h264/nal-units.ts";
import type { Frame } from "../../media/frame.ts";
import type { Prologue } from "../../media/prologue.ts";
import { type Track, trackId } from "../../media/track.ts";
import { TsSegmentWriter } from "./segment-writer.ts";
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

/** A test picture, one access unit for each delimiter that ffmpeg was told to write. */
function h264Frames(): Frame[] {
  const source = ["-f", "lavfi", "-i", `testsrc2=s=320x180:r=${FPS}:d=${SECONDS}`];
  const options = ["-c:v", "libx264", "-preset", "ultrafast", "-g", `${FPS}`, "-bsf:v", "h264_metadata=aud=insert", "-f", "h264"];
  const units = [...annexBNalUnits(ffmpeg(...source, ...options))];
  const ofType = (type: number) => units.filter(([first = 0]) => (first & 0x1f) === type);
  const config = writeAvcConfig(avcConfigOf(ofType(7).slice(0, 1), ofType(8).slice(0, 1)));
  const video = track({ kind: "video", codec: "h264", config, timescale: 1000 });
  const accessUnits: Uint8Array[][] = [];
  for (const unit of units) {
    const type = (unit[0] ?? 0) & 0x1f;
    if (type === 9) accessUnits.push([]);
    else if (type === 1 || type === 5 || type === 6) accessUnits.at(-1)?.push(unit);
  }
  return accessUnits.map((accessUnit, i) => {
    const w = new ByteWriter();
    writeLengthPrefixed(w, accessUnit);
    const isKey = accessUnit.some(([first = 0]) => (first & 0x1f) === 5);
    const dts = (i * 1000) / FPS;
    return { track: video, dts, pts: dts, ptsNanos: 0, isKey, arrivalMs: 0, payload: w.toBytes() };
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
function probe(bytes: Uint8Array): Probe {
  const args = ["-v", "warning", "-show_packets", "-show_streams", "-of", "json", "-f", "mpegts", "pipe:0"];
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
  const video = hasFfmpeg ? h264Frames() : [];
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
    const segments: Uint8Array[] = [];
    let writer: TsSegmentWriter | undefined;
    for (const frame of all) {
      if (frame.isKey && frame.track.kind === "video") {
        if (writer) segments.push(writer.finish());
        writer = new TsSegmentWriter(prologue);
      }
      writer?.writeFrame(frame);
    }
    if (writer) segments.push(writer.finish());
    expect(segments).toHaveLength(SECONDS);
    for (const segment of segments) expect(decode(segment)).toBe("");
    const joined = Uint8Array.from(Buffer.concat(segments));
    const found = probe(joined);
    checkTimes(found, "video", video);
    checkTimes(found, "audio", audio);
    expect(decode(joined)).toBe("");
  });
});
