import { describe, expect, it } from "vitest";
import { FrameCounter } from "./frame-counter.ts";

describe("counting frames", () => {
  it("goes on counting when the element starts again with a new source", () => {
    const counter = new FrameCounter();
    counter.read(0, 100, 3);
    counter.read(100, 5, 1);
    expect([counter.decoded, counter.dropped]).toEqual([105, 4]);
    counter.read(200, 8, 1);
    expect([counter.decoded, counter.dropped]).toEqual([108, 4]);
  });

  it("knows the rate after a second", () => {
    const counter = new FrameCounter();
    for (let t = 0; t < 1000; t += 100) counter.read(t, t / 40, 0);
    expect(counter.fps).toBeNull();
    counter.read(1000, 25, 0);
    expect(counter.fps).toBe(25);
  });
});
