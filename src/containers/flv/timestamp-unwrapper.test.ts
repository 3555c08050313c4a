import fc from "fast-check";
import { expect, test } from "vitest";
import { TimestampUnwrapper } from "./timestamp-unwrapper.ts";

function unwrapAll(timestamps: number[]): number[] {
  const unwrapper = new TimestampUnwrapper();
  return timestamps.map((timestamp) => unwrapper.unwrap(timestamp));
}

test("continues over the wrap, and tracks that straddle it stay together", () => {
  expect(unwrapAll([0xfffffff0, 0xfffffffa, 4, 0xfffffffc, 14])).toEqual([
    0xfffffff0, 0xfffffffa, 0x1_0000_0004, 0xfffffffc, 0x1_0000_000e,
  ]);
});

test("a time before zero is zero, and what follows is not moved", () => {
  expect(unwrapAll([5, 0xfffffffb, 10])).toEqual([5, 0, 10]);
});

test("is right over any number of wraps while steps are below half of 2^32", () => {
  const steps = fc.array(fc.integer({ min: 0, max: 0x7fffffff }), { maxLength: 50 });
  fc.assert(
    fc.property(fc.nat(0xffffffff), steps, (first, deltas) => {
      const times = [first];
      for (const delta of deltas) times.push(times.at(-1)! + delta);
      expect(unwrapAll(times.map((time) => time % 2 ** 32))).toEqual(times);
    }),
  );
});
