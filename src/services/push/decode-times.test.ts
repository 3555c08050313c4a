import fc from "fast-check";
import { expect, test } from "vitest";
import { withDecodeTimes } from "./decode-times.ts";

async function decodeTimes(pts: readonly number[]): Promise<number[]> {
  const times: number[] = [];
  async function* packets() {
    for (const time of pts) yield { pts: time };
  }
  for await (const { dts } of withDecodeTimes(packets())) times.push(dts);
  return times;
}

test.each([
  ["without reordering both times are equal", [0, 33, 67, 100], [0, 33, 67, 100]],
  ["one B-frame: one frame of delay", [0, 66, 33, 133, 100], [-33, 0, 33, 67, 100]],
  ["a pyramid of B-frames: two frames of delay", [0, 100, 33, 67, 200, 133, 167], [-33, 0, 34, 67, 100, 134, 167]],
  ["a single picture", [500], [500]],
  ["none", [], []],
])("%s", async (_name, pts, dts) => {
  const got = await decodeTimes(pts);
  expect(got.length).toBe(dts.length);
  for (const [i, time] of got.entries()) expect(Math.abs(time - dts[i]!)).toBeLessThanOrEqual(34);
  expect(got).toEqual([...got].sort((a, b) => a - b));
});

test("decoding times rise, and none lies after its presentation time, whatever is reordered within a group", async () => {
  const group = fc.shuffledSubarray([0, 1, 2, 3, 4, 5, 6, 7], { minLength: 8 });
  await fc.assert(
    fc.asyncProperty(fc.array(group, { minLength: 1, maxLength: 5 }), async (groups) => {
      const pts = groups.flatMap((order, i) => order.map((position) => (i * 8 + position) * 40));
      const first = groups[0] ?? [];
      const dts = await decodeTimes(pts);
      for (let i = 1; i < dts.length; i++) expect(dts[i]).toBeGreaterThanOrEqual(dts[i - 1]!);
      const isDeepest = groups.every((order) => depth(order) <= depth(first));
      if (isDeepest) for (let i = 0; i < dts.length; i++) expect(dts[i]).toBeLessThanOrEqual(pts[i]!);
    }),
  );
});

/** How many places a picture moves forward at most. */
function depth(order: readonly number[]): number {
  return Math.max(...order.map((position, i) => i - position));
}
