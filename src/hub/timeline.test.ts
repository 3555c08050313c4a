import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Frame } from "../media/frame.ts";
import type { Track } from "../media/track.ts";
import { FIRST_OUTPUT_MS, Timeline } from "./timeline.ts";

const track = (kind: "video" | "audio", timescale = 1000): Track => ({
  id: kind === "video" ? 0 : 256,
  kind,
  codec: kind === "video" ? "h264" : "aac",
  timescale,
  config: new Uint8Array(0),
  width: 0,
  height: 0,
  sampleRate: 0,
  channels: 0,
});
const video = track("video");
const audio = track("audio");

/** Places frames and gives their output DTS. */
function run(timeline: Timeline, frames: [Track, number, number?][], arrival: (n: number) => number = (n) => n * 10): number[] {
  return frames.map(([t, dts, pts = dts], n) => {
    const frame: Frame = { track: t, dts, pts, ptsNanos: 0, isKey: true, arrivalMs: arrival(n), payload: new Uint8Array(0) };
    timeline.place(frame);
    return timeline.out.dts;
  });
}

const START = FIRST_OUTPUT_MS;

describe("Timeline", () => {
  test("moves a publisher's times by one offset for both tracks", () => {
    const timeline = new Timeline();
    expect(
      run(timeline, [
        [video, 5000],
        [audio, 4990],
        [video, 5033],
        [audio, 5013],
      ]),
    ).toEqual([START, START - 10, START + 33, START + 13]);
    expect(timeline.counters).toEqual({ nonMonotonic: 0, jumps: 0, missing: 0, ptsBeforeDts: 0 });
  });

  test("a publisher that comes back goes on right after the last frame, audio and video still in step", () => {
    const timeline = new Timeline();
    run(timeline, [
      [video, 0],
      [audio, 0],
      [video, 33],
      [audio, 23],
      [video, 66],
      [audio, 46],
    ]);
    timeline.beginInput();
    const [v, a] = run(timeline, [
      [video, 900_000],
      [audio, 900_010],
    ]);
    expect(v).toBeGreaterThan(START + 66);
    expect(v).toBeLessThan(START + 66 + 100);
    expect(a).toBe((v ?? 0) + 10);
  });

  test("a forward jump of both tracks becomes one step, with the same offset for both", () => {
    const timeline = new Timeline();
    run(timeline, [
      [video, 0],
      [audio, 0],
      [video, 40],
      [audio, 40],
    ]);
    const [v1 = 0, a1 = 0, v2 = 0] = run(timeline, [
      [video, 100_080],
      [audio, 100_085],
      [video, 100_120],
    ]);
    expect(v1).toBeLessThan(START + 40 + 100);
    expect(a1 - v1).toBe(5);
    expect(v2 - v1).toBe(40);
    expect(timeline.counters.jumps).toBe(2);
  });

  test("audio that still runs on the old clock after video jumped is left alone", () => {
    const timeline = new Timeline();
    run(timeline, [
      [video, 50_000],
      [audio, 50_000],
      [video, 50_040],
    ]);
    const out = run(timeline, [
      [video, 80],
      [audio, 50_023],
      [audio, 50_046],
      [audio, 90],
      [video, 120],
    ]);
    expect(out[1]).toBe(START + 23);
    expect(out[2]).toBe(START + 46);
    expect((out[3] ?? 0) - (out[0] ?? 0)).toBe(10);
  });

  test("a small step back is moved behind the frame before and counted", () => {
    const timeline = new Timeline();
    expect(
      run(timeline, [
        [video, 100],
        [video, 140],
        [video, 130],
        [video, 180],
      ]),
    ).toEqual([START, START + 40, START + 41, START + 80]);
    expect(timeline.counters.nonMonotonic).toBe(1);
  });

  test.each([-500, -2000, -5000, 2000, 5000])(
    "one timestamp that is wrong by %d ms does not part audio and video for good",
    (wrong) => {
      const timeline = new Timeline();
      const frames: [Track, number][] = [];
      for (let ms = 0; ms <= 20_000; ms += 20) {
        if (ms % 40 === 0) frames.push([video, ms]);
        frames.push([audio, ms === 10_000 ? ms + wrong : ms]);
      }
      const out = run(timeline, frames, (n) => n * 13);
      const last = frames.length - 1;
      expect(frames[last - 1]).toEqual([video, 20_000]);
      expect((out[last] ?? 0) - (out[last - 1] ?? 0)).toBe(0);
    },
  );

  test("a publisher that paused goes on at its own time", () => {
    const timeline = new Timeline();
    const frames: [Track, number][] = [0, 40, 80, 10_080, 10_120].map((ms) => [video, ms]);
    expect(run(timeline, frames, (n) => frames[n]?.[1] ?? 0).map((dts) => dts - START)).toEqual([0, 40, 80, 10_080, 10_120]);
    expect(timeline.counters.jumps).toBe(0);
  });

  test("a publisher without timestamps is timed by arrival", () => {
    const timeline = new Timeline();
    const frames = Array.from({ length: 60 }, (): [Track, number] => [video, 0]);
    const out = run(timeline, frames, (n) => n * 40);
    expect((out[59] ?? 0) - (out[9] ?? 0)).toBe(50 * 40);
    expect(timeline.counters.missing).toBeGreaterThan(50);
  });

  test("a track that is silent for a while may come back at its own time", () => {
    const timeline = new Timeline();
    const frames: [Track, number][] = [[audio, 0]];
    for (let ms = 0; ms <= 20_000; ms += 40) frames.push([video, ms]);
    run(timeline, frames);
    expect(run(timeline, [[audio, 20_000]])).toEqual([START + 20_000]);
    expect(timeline.counters.jumps).toBe(0);
  });

  test("presentation never lies before decoding", () => {
    const timeline = new Timeline();
    run(timeline, [[video, 100, 60]]);
    expect(timeline.out.pts).toBe(timeline.out.dts);
    expect(timeline.counters.ptsBeforeDts).toBe(1);
  });

  test("whatever comes in, DTS grows strictly on every track and never runs away from arrival time", () => {
    const anyTime = fc.oneof(fc.integer({ min: -(2 ** 40), max: 2 ** 40 }), fc.integer({ min: 0, max: 5000 }));
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.boolean(), anyTime, fc.boolean()), { minLength: 1, maxLength: 200 }), (steps) => {
        const timeline = new Timeline();
        const last = new Map<Track, number>();
        steps.forEach(([isVideo, dts, restart], n) => {
          if (restart) timeline.beginInput();
          const t = isVideo ? video : audio;
          run(timeline, [[t, dts]], () => n * 20);
          expect(timeline.out.dts).toBeGreaterThan(last.get(t) ?? -1);
          expect(Number.isSafeInteger(timeline.out.dts)).toBe(true);
          last.set(t, timeline.out.dts);
        });
        expect(timeline.lastOutMs).toBeLessThan(START + steps.length * 7000);
      }),
    );
  });
});
