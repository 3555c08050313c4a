import { describe, expect, it } from "vitest";
import { AudioClock } from "./audio-clock.ts";

describe("the clock of captured sound", () => {
  it("counts samples and does not follow the jitter of their arrival", () => {
    const clock = new AudioClock(48_000);
    const jitter = [0, 15_000, 3000, 30_000, 0];
    expect(jitter.map((late, i) => clock.stamp(960, 1_020_000 + i * 20_000 + late))).toEqual([
      1_000_000, 1_020_000, 1_040_000, 1_060_000, 1_080_000,
    ]);
  });

  it("jumps forward after the device paused", () => {
    const clock = new AudioClock(48_000);
    clock.stamp(960, 20_000);
    expect(clock.stamp(960, 520_000)).toBe(500_000);
  });

  it("never goes back, even when the device delivers faster than time", () => {
    const clock = new AudioClock(48_000);
    let last = -1;
    for (let i = 0; i < 200; i++) {
      const time = clock.stamp(960, 1_000_000 + i * 10_000);
      expect(time).toBeGreaterThan(last);
      last = time;
    }
  });
});
