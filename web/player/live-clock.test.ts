import { describe, expect, it } from "vitest";
import { LiveClock } from "./live-clock.ts";

describe("the estimate of how far behind live the picture is", () => {
  it("is unknown before anything arrived", () => {
    expect(new LiveClock().behindMs(1000, 0)).toBeNull();
  });

  it("is the media in hand when frames arrive evenly", () => {
    const clock = new LiveClock();
    for (let t = 0; t <= 2000; t += 40) clock.observe(5000 + t, 1000 + t);
    expect(clock.behindMs(7000, 2600)).toBe(400);
  });

  it("keeps growing while frames are late, although the buffer shrinks", () => {
    const clock = new LiveClock();
    clock.observe(0, 1000);
    clock.observe(40, 1040);
    expect(clock.behindMs(540, 1040)).toBe(500);
    clock.observe(540, 1100); // 440 ms late
    expect(clock.behindMs(540, 1040)).toBe(500);
  });

  it("starts afresh after a pause of the publisher", () => {
    const clock = new LiveClock();
    clock.observe(0, 1000);
    clock.observe(5000, 1040);
    expect(clock.behindMs(5000, 1000)).toBe(40);
  });

  it("starts afresh when the media time goes back", () => {
    const clock = new LiveClock();
    clock.observe(0, 90_000);
    clock.observe(40, 0);
    expect(clock.behindMs(40, 0)).toBe(0);
  });

  it("forgets an early arrival after a while, so that a slow encoder clock does not add up", () => {
    const clock = new LiveClock();
    for (let t = 0; t <= 600_000; t += 100) clock.observe(t * 1.001, t); // 0.1 % slow: 600 ms in ten minutes
    expect(clock.behindMs(600_600, 600_000)).toBeLessThan(20);
  });
});
