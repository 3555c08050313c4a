import { describe, expect, it } from "vitest";
import { outline } from "./sparkline.tsx";

describe("the outline of a sparkline", () => {
  it("ends at the right edge and leaves the past empty that nobody measured", () => {
    expect(outline([1, 1, 1], 5)).toMatch(/^M120 .*L180 .*L240 /);
  });

  it("stands on the ground for zeros and below the top for the largest value", () => {
    expect(outline([0, 0], 2)).toBe("M0 100L240 100");
    expect(outline([0, 1000], 2)).toBe("M0 100L240 13");
  });
});
