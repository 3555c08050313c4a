import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Histogram, MAX_HISTOGRAM_VALUE } from "./histogram.ts";

function of(values: readonly number[]): Histogram {
  const histogram = new Histogram();
  for (const value of values) histogram.record(value);
  return histogram;
}

function exactQuantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(1, Math.ceil(q * sorted.length)) - 1]!;
}

const values = fc.array(fc.oneof(fc.nat(300), fc.nat(MAX_HISTOGRAM_VALUE)), { minLength: 1, maxLength: 200 });

describe("Histogram", () => {
  test("small values are told apart exactly", () => {
    const histogram = of([1, 2, 3, 4, 5, 6, 7, 8, 9, 100]);
    expect(histogram.quantiles()).toEqual({ count: 10, mean: 14.5, p50: 5, p90: 9, p99: 100, max: 100 });
  });

  test("nothing recorded is all zero", () => {
    expect(new Histogram().quantiles(1000)).toEqual({ count: 0, mean: 0, p50: 0, p90: 0, p99: 0, max: 0 });
  });

  test("any quantile is within 0.8 % of the exact one", () => {
    fc.assert(
      fc.property(values, fc.double({ min: 0, max: 1, noNaN: true }), (list, q) => {
        const exact = exactQuantile(list, q);
        expect(Math.abs(of(list).quantile(q) - exact)).toBeLessThanOrEqual(exact / 128);
      }),
    );
  });

  test("merged parts say what one histogram of all values says", () => {
    fc.assert(
      fc.property(values, values, (a, b) => {
        const merged = Histogram.merge([of(a).data(), of(b).data()]);
        expect(merged.quantiles(1000)).toEqual(of([...a, ...b]).quantiles(1000));
      }),
    );
  });

  test("values beyond the range count as its ends", () => {
    const histogram = of([-5, 2 ** 40]);
    expect(histogram.quantile(0)).toBe(0);
    expect(histogram.max).toBe(MAX_HISTOGRAM_VALUE);
    expect(histogram.quantile(1)).toBe(MAX_HISTOGRAM_VALUE);
  });
});
