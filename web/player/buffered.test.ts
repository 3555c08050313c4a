import { describe, expect, it } from "vitest";
import { viewBuffer } from "./buffered.ts";

function ranges(...list: [number, number][]): TimeRanges {
  return { length: list.length, start: (i) => list[i]?.[0] ?? Number.NaN, end: (i) => list[i]?.[1] ?? Number.NaN };
}

describe("reading a media element's buffer", () => {
  it("sees nothing in an empty buffer", () => {
    expect(viewBuffer(ranges(), 3)).toEqual({ aheadMs: 0, edge: null, nextRangeStart: null });
  });

  it("measures from the playhead to the end of its range", () => {
    expect(viewBuffer(ranges([0, 10]), 9.5)).toEqual({ aheadMs: 500, edge: 10, nextRangeStart: null });
  });

  it("plays through a tiny hole and stops at a gap", () => {
    const view = viewBuffer(ranges([0, 10], [10.02, 11], [13, 14]), 9);
    expect(view.aheadMs).toBeCloseTo(2000);
    expect(view).toMatchObject({ edge: 14, nextRangeStart: 13 });
  });

  it("sees where media begins when the playhead is before it", () => {
    expect(viewBuffer(ranges([4, 6]), 0)).toEqual({ aheadMs: 0, edge: 6, nextRangeStart: 4 });
  });

  it("has nothing ahead when the playhead is beyond the edge", () => {
    expect(viewBuffer(ranges([4, 6]), 7)).toEqual({ aheadMs: 0, edge: 6, nextRangeStart: null });
  });
});
