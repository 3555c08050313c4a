import { describe, expect, it } from "vitest";
import { type Verdict, Watchdog, type WatchSample } from "./watchdog.ts";

const still: WatchSample = { nowMs: 0, currentTime: 5, aheadMs: 500, nextRangeStart: null };

/** One tick each 100 ms with the same sample; the verdicts that were not `ok`. */
function watch(dog: Watchdog, sample: WatchSample, forMs: number): Verdict[] {
  const verdicts: Verdict[] = [];
  for (let t = 0; t <= forMs; t += 100) {
    const verdict = dog.step({ ...sample, nowMs: sample.nowMs + t });
    if (verdict.kind !== "ok") verdicts.push(verdict);
  }
  return verdicts;
}

describe("the watchdog", () => {
  it("is content while the playhead moves", () => {
    const dog = new Watchdog();
    for (let t = 0; t < 60_000; t += 100) expect(dog.step({ ...still, nowMs: t, currentTime: t / 1000 })).toEqual({ kind: "ok" });
  });

  it("jumps over a gap", () => {
    const verdicts = watch(new Watchdog(), { ...still, aheadMs: 0, nextRangeStart: 8 }, 400);
    expect(verdicts[0]).toEqual({ kind: "seek", to: 8.01 });
  });

  it("waits while the publisher is away, and gives up after longer than the server would hold it", () => {
    const verdicts = watch(new Watchdog(), { ...still, aheadMs: 0 }, 20_000);
    expect(verdicts[0]).toEqual({ kind: "starved" });
    expect(verdicts.at(-2)).toEqual({ kind: "starved" });
    expect(verdicts.at(-1)).toMatchObject({ kind: "give-up" });
  });

  it("nudges a playhead that hangs though there is media, and gives up after three nudges", () => {
    const dog = new Watchdog();
    const kinds: string[] = [];
    let currentTime = 5;
    for (let t = 0; t <= 8000; t += 100) {
      const verdict = dog.step({ ...still, nowMs: t, currentTime });
      if (verdict.kind === "seek") currentTime = verdict.to;
      if (verdict.kind !== "ok") kinds.push(verdict.kind);
      if (verdict.kind === "give-up") break;
    }
    expect(kinds).toEqual(["seek", "seek", "seek", "give-up"]);
  });

  it("forgets its nudges once the playhead moves again", () => {
    const dog = new Watchdog();
    const kinds: string[] = [];
    let currentTime = 5;
    for (let t = 0; t <= 40_000; t += 100) {
      const verdict = dog.step({ ...still, nowMs: t, currentTime });
      if (verdict.kind === "seek") currentTime = verdict.to;
      if (verdict.kind !== "ok") kinds.push(verdict.kind);
      if (t % 4000 >= 2000) currentTime += 0.1; // two seconds still, two seconds moving
    }
    expect(new Set(kinds)).toEqual(new Set(["seek"]));
    expect(kinds.length).toBeGreaterThan(5);
  });
});
