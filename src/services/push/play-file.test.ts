import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test, vi } from "vitest";
import type { Frame, MediaSink } from "../../media/frame.ts";
import type { Track } from "../../media/track.ts";
import { type PlayFileOptions, playFile } from "./play-file.ts";

// Processes, sockets and ffmpeg take their time on a busy machine.
vi.setConfig({ testTimeout: 30_000 });

const DEMO = join(import.meta.dirname, "../../../assets/demo.flv");
const folder = mkdtempSync(join(tmpdir(), "sluice-play-"));
afterAll(() => rmSync(folder, { recursive: true }));

class Recorder implements MediaSink {
  readonly tracks: Track[] = [];
  readonly frames: Frame[] = [];
  metadatas = 0;
  readonly #stop = new AbortController();
  readonly #maxFrames: number;

  constructor(maxFrames = Number.POSITIVE_INFINITY) {
    this.#maxFrames = maxFrames;
  }

  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  track(track: Track): void {
    this.tracks.push(track);
  }

  trackEnd(): void {}

  metadata(): void {
    this.metadatas++;
  }

  frame(frame: Frame): void {
    this.frames.push(frame);
    if (this.frames.length === this.#maxFrames) this.#stop.abort();
  }

  of(kind: Track["kind"]): Frame[] {
    return this.frames.filter((frame) => frame.track.kind === kind);
  }

  async play(path: string, options: Partial<PlayFileOptions> = {}): Promise<this> {
    await playFile(path, { speed: 0, signal: this.signal, ...options }, this);
    return this;
  }
}

const seconds = (frame: Frame) => frame.dts / frame.track.timescale;
const increases = (frames: readonly Frame[]) => frames.every((frame, i) => i === 0 || frame.dts > frames[i - 1]!.dts);

describe("playFile", () => {
  test("plays every frame of the demo, from time 0", async () => {
    const { tracks, frames, metadatas } = await new Recorder().play(DEMO);
    expect(tracks.map(({ codec, width, height, sampleRate }) => [codec, width, height, sampleRate])).toEqual([
      ["h264", 640, 360, 0],
      ["aac", 0, 0, 48_000],
    ]);
    expect([frames.length, metadatas, frames[0]?.dts]).toEqual([480 + 750, 1, 0]);
  });

  test("loops without a seam and tells nothing twice", async () => {
    const recorder = await new Recorder(3 * (480 + 750)).play(DEMO, { loop: true });
    const videos = recorder.of("video");
    expect([recorder.tracks.length, recorder.metadatas, videos.length]).toEqual([2, 1, 3 * 480]);
    expect([videos[480]?.dts, videos[960]?.dts]).toEqual([16_000, 32_000]);
    expect(videos[480]?.track).toBe(videos[0]?.track);
    expect(increases(videos) && increases(recorder.of("audio"))).toBe(true);
    const steps = recorder.of("audio").map((frame, i, all) => frame.dts - (all[i - 1]?.dts ?? -21));
    expect(Math.max(...steps)).toBeLessThanOrEqual(22);
  });

  test("keeps the pace that was asked for, and stops when told to", async () => {
    const recorder = new Recorder(60);
    const start = performance.now();
    await recorder.play(DEMO, { speed: 10 });
    const media = recorder.frames.at(-1)!.dts / 10;
    expect(recorder.frames.length).toBe(60);
    expect(performance.now() - start).toBeGreaterThan(media - 5);
  });

  test("waits for a sink that is not ready", async () => {
    let waiting = 0;
    let mostWaiting = 0;
    const ready = async () => {
      mostWaiting = Math.max(mostWaiting, ++waiting);
      await Promise.resolve();
      waiting--;
      return 0;
    };
    const { frames } = await new Recorder(50).play(DEMO, { ready });
    expect([frames.length, mostWaiting]).toEqual([50, 1]);
  });

  test.each([
    ["a missing file", "none.flv", undefined, "cannot be read: no such file"],
    ["an empty file", "empty", "", "is no FLV, MP4 or MPEG-TS file"],
    ["a text", "text", "hello world, this is no media file", "is no FLV, MP4 or MPEG-TS file"],
    ["an FLV without tags", "head.flv", "FLV\x01\x05\0\0\0\x09\0\0\0\0", "holds no frame"],
  ])("%s is refused in one line", async (_name, name, content, message) => {
    const path = join(folder, name);
    if (content !== undefined) writeFileSync(path, content, "latin1");
    await expect(new Recorder().play(path, { loop: true })).rejects.toThrow(message);
  });
});

const hasFfmpeg = (process.env.PATH ?? "").split(":").some((path) => existsSync(join(path, "ffmpeg")));

function ffmpeg(name: string, ...args: string[]): string {
  const path = join(folder, name);
  const input = "-f lavfi -i testsrc2=size=160x120:rate=25:duration=1 -f lavfi -i sine=sample_rate=48000:duration=1".split(" ");
  execFileSync("ffmpeg", ["-v", "error", "-y", ...(args[0] === "-i" ? [] : input), ...args, path], { stdio: "inherit" });
  return path;
}

describe.runIf(hasFfmpeg || process.env.CI !== undefined)("files of other kinds", () => {
  const X264 = "-c:v libx264 -preset veryfast -bf 2 -g 10 -c:a aac".split(" ");

  test("an MP4, a TS and an FLV of the same stream with B-frames give the same frames", async () => {
    const mp4 = ffmpeg("b.mp4", ...X264);
    const flv = await new Recorder().play(ffmpeg("b.flv", "-i", mp4, "-c", "copy"));
    for (const path of [mp4, ffmpeg("b.ts", "-i", mp4, "-c", "copy")]) {
      const file = await new Recorder().play(path);
      for (const kind of ["video", "audio"] as const) {
        const frames = file.of(kind);
        const same = flv.of(kind);
        expect(frames.length).toBe(same.length);
        expect(increases(frames)).toBe(true);
        expect(frames.map((frame) => frame.isKey)).toEqual(same.map((frame) => frame.isKey));
        const times = (all: Frame[]) => all.map((frame) => (frame.pts - all[0]!.pts) / frame.track.timescale);
        for (const [i, time] of times(frames).entries()) expect(time).toBeCloseTo(times(same)[i]!, 2);
      }
      const gap = (recorder: Recorder) =>
        recorder.of("video")[0]!.pts / recorder.of("video")[0]!.track.timescale - seconds(recorder.of("audio")[0]!);
      expect(gap(file)).toBeCloseTo(gap(flv), 2);
      expect(file.of("video").every((frame) => frame.pts >= frame.dts)).toBe(true);
      expect(Math.min(...file.frames.map(seconds))).toBe(0);
    }
  });

  test("MP4 payloads are those of the FLV, byte for byte", async () => {
    const mp4 = ffmpeg("c.mp4", ...X264);
    const flv = await new Recorder().play(ffmpeg("c.flv", "-i", mp4, "-c", "copy"));
    const file = await new Recorder().play(mp4);
    for (const kind of ["video", "audio"] as const) {
      expect(file.of(kind).map(({ payload }) => payload.length)).toEqual(flv.of(kind).map(({ payload }) => payload.length));
      expect(file.of(kind).every(({ payload }, i) => Buffer.compare(payload, flv.of(kind)[i]!.payload) === 0)).toBe(true);
    }
    expect(file.tracks.map((track) => Buffer.from(track.config).toString("hex"))).toEqual(
      flv.tracks.map((track) => Buffer.from(track.config).toString("hex")),
    );
  });

  test.each([
    ["hevc.mp4", "-c:v libx265 -preset ultrafast -x265-params log-level=none -c:a libmp3lame", "hevc", "mp3"],
    ["hevc.ts", "-c:v libx265 -preset ultrafast -x265-params log-level=none -c:a aac", "hevc", "aac"],
    ["av1.mp4", "-c:v libaom-av1 -cpu-used 8 -usage realtime -c:a libopus", "av1", "opus"],
    ["vp9.mp4", "-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -c:a flac -strict -2", "vp9", "flac"],
  ])("%s is played with its size and rate known", async (name, args, video, audio) => {
    const { tracks, frames } = await new Recorder().play(ffmpeg(name, ...args.split(" ")));
    expect(tracks.map(({ codec, width, height, sampleRate }) => [codec, width, height, sampleRate])).toEqual([
      [video, 160, 120, 0],
      [audio, 0, 0, 48_000],
    ]);
    expect(frames.filter((frame) => frame.track.kind === "video").length).toBe(25);
  });
});
