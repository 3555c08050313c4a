import fc from "fast-check";
import HLS from "hls-parser";
import { describe, expect, test } from "vitest";
import { type FinishedSegment, SegmentWindow, type SegmentWindowOptions } from "./segment-window.ts";

const OPTIONS: SegmentWindowOptions = { playlistSegments: 4, maxSegmentMs: 2000, maxBytes: 1e6, uriOf: (n) => `${n}.ts` };
const START = Date.UTC(2026, 0, 2, 3, 4, 5, 678);

function segment(number: number, changes: Partial<FinishedSegment> = {}): FinishedSegment {
  return { number, durationMs: 2000, isDiscontinuous: false, bytes: new Uint8Array(10).fill(number), ...changes };
}

function parse(window: SegmentWindow): HLS.types.MediaPlaylist {
  const parsed = HLS.parse(window.playlist() ?? "");
  if (parsed.isMasterPlaylist) throw new Error("a media playlist was expected");
  return parsed as HLS.types.MediaPlaylist;
}

describe("SegmentWindow", () => {
  test("has no playlist before the first segment", () => {
    expect(new SegmentWindow(OPTIONS).playlist()).toBeUndefined();
  });

  test("lists the newest segments, with decimal durations and wall clock", () => {
    const window = new SegmentWindow(OPTIONS);
    for (let n = 7; n < 13; n++) window.add(segment(n, { durationMs: 1999.6, programDateTimeMs: START + n * 2000 }));
    const playlist = parse(window);
    expect(playlist).toMatchObject({
      version: 3,
      targetDuration: 2,
      mediaSequenceBase: 9,
      endlist: false,
      independentSegments: true,
    });
    expect(playlist.segments.map(({ uri }) => uri)).toEqual(["9.ts", "10.ts", "11.ts", "12.ts"]);
    expect(playlist.segments[0]?.duration).toBe(2);
    expect(playlist.segments[0]?.programDateTime?.getTime()).toBe(START + 18000);
    expect(window.range).toEqual({ first: 9, last: 12 });
  });

  test("gives the same bytes for a listed segment and one that left the list a moment ago", () => {
    const window = new SegmentWindow(OPTIONS);
    for (let n = 0; n < 6; n++) window.add(segment(n));
    expect(window.range?.first).toBe(2);
    for (let n = 0; n < 6; n++) expect(window.segment(n)?.[0]).toBe(n);
    expect(window.segment(6)).toBeUndefined();
    expect(window.segment(-1)).toBeUndefined();
  });

  test("forgets a segment after its own duration and that of the longest playlist", () => {
    const window = new SegmentWindow(OPTIONS);
    for (let n = 0; n < 5; n++) window.add(segment(n)); // 0 leaves at 10 s; the longest playlist was 10 s
    for (let n = 5; n < 10; n++) window.add(segment(n)); // 20 s
    expect(window.segment(0)).toBeDefined();
    window.add(segment(10)); // 22 s
    expect(window.segment(0)).toBeUndefined();
    expect(window.segment(1)).toBeDefined();
  });

  test("keeps short segments listed until three target durations remain", () => {
    const window = new SegmentWindow(OPTIONS);
    for (let n = 0; n < 20; n++) window.add(segment(n, { durationMs: 500 }));
    const total = parse(window).segments.reduce((sum, { duration }) => sum + duration, 0);
    expect(total).toBe(6);
  });

  test("raises the target duration for a longer segment, and never lowers it again", () => {
    const window = new SegmentWindow(OPTIONS);
    window.add(segment(0, { durationMs: 2499 }));
    expect(parse(window).targetDuration).toBe(2);
    window.add(segment(1, { durationMs: 3500 }));
    expect(parse(window).targetDuration).toBe(4);
    for (let n = 2; n < 20; n++) window.add(segment(n));
    expect(parse(window).targetDuration).toBe(4);
  });

  test("counts a discontinuity when its segment leaves the playlist", () => {
    const window = new SegmentWindow(OPTIONS);
    window.beginAt(3);
    for (let n = 0; n < 4; n++) window.add(segment(n, { isDiscontinuous: n === 1 }));
    expect(parse(window).discontinuitySequenceBase).toBe(3);
    expect(parse(window).segments.map(({ discontinuity }) => discontinuity === true)).toEqual([false, true, false, false]);
    window.add(segment(4));
    expect(parse(window).discontinuitySequenceBase).toBe(3); // segment 1 leads the list and still has its tag
    window.add(segment(5));
    expect(parse(window).discontinuitySequenceBase).toBe(4);
  });

  test("lists missing numbers as gaps that cannot be fetched", () => {
    const window = new SegmentWindow(OPTIONS);
    window.add(segment(0));
    window.add(segment(3, { isDiscontinuous: true }));
    expect(window.playlist()).toContain("#EXT-X-VERSION:8");
    const { segments } = parse(window);
    expect(segments.map(({ uri, gap }) => [uri, gap === true])).toEqual([
      ["0.ts", false],
      ["1.ts", true],
      ["2.ts", true],
      ["3.ts", false],
    ]);
    expect(window.segment(1)).toBeUndefined();
    expect(window.segment(3)?.[0]).toBe(3);
  });

  test("begins anew after a long gap, with the discontinuities counted", () => {
    const window = new SegmentWindow(OPTIONS);
    window.add(segment(0, { isDiscontinuous: true }));
    window.add(segment(50, { isDiscontinuous: true }));
    expect(parse(window)).toMatchObject({ mediaSequenceBase: 50, discontinuitySequenceBase: 1 });
    expect(window.segment(0)).toBeDefined();
  });

  test("says that it ended", () => {
    const window = new SegmentWindow(OPTIONS);
    window.add(segment(0));
    expect(parse(window).endlist).toBe(false);
    window.end();
    expect(parse(window).endlist).toBe(true);
  });

  test("holds no more than its bound in bytes, and always the newest segment", () => {
    const window = new SegmentWindow({ ...OPTIONS, maxBytes: 25 });
    for (let n = 0; n < 9; n++) window.add(segment(n));
    expect(window.heldBytes).toBe(20);
    expect(window.range).toEqual({ first: 7, last: 8 });
    window.add(segment(9, { bytes: new Uint8Array(100) }));
    expect(window.range).toEqual({ first: 9, last: 9 });
    expect(window.segment(9)).toHaveLength(100);
  });
});

test("through any segments: numbers are consecutive, discontinuity numbers never go back, no rounded duration is above the target", () => {
  const anySegment = fc.record({
    durationMs: fc.integer({ min: 1, max: 9000 }),
    isDiscontinuous: fc.boolean(),
    skip: fc.constantFrom(0, 0, 0, 0, 1, 3, 9),
    size: fc.nat(40),
  });
  fc.assert(
    fc.property(fc.array(anySegment, { maxLength: 40 }), (segments) => {
      const window = new SegmentWindow({ ...OPTIONS, maxBytes: 200 });
      let number = 0;
      let target = 0;
      const discontinuities = new Map<number, number>();
      for (const { skip, size, ...rest } of segments) {
        number += 1 + skip;
        window.add(segment(number, { ...rest, bytes: new Uint8Array(size) }));
        const playlist = parse(window);
        expect(playlist.targetDuration).toBeGreaterThanOrEqual(target);
        target = playlist.targetDuration;
        expect((playlist.mediaSequenceBase ?? 0) + playlist.segments.length - 1).toBe(number);
        expect(window.heldBytes).toBeLessThanOrEqual(200);
        let current = playlist.discontinuitySequenceBase ?? 0;
        for (const [i, entry] of playlist.segments.entries()) {
          expect(Math.round(entry.duration)).toBeLessThanOrEqual(target);
          if (entry.discontinuity) current++;
          const at = (playlist.mediaSequenceBase ?? 0) + i;
          expect(discontinuities.get(at) ?? current).toBe(current);
          discontinuities.set(at, current);
        }
      }
    }),
    { numRuns: 50 },
  );
});
