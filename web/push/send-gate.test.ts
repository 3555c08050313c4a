import { describe, expect, it } from "vitest";
import { SendGate } from "./send-gate.ts";

const KEY = { isVideo: true, isKey: true };
const DELTA = { isVideo: true, isKey: false };
const SOUND = { isVideo: false, isKey: true };
/** 8 Mb/s: a kilobyte per millisecond. */
const gate = () => new SendGate(8_000_000);

describe("what a slow network still gets", () => {
  it("begins with a key frame", () => {
    const g = gate();
    expect(g.wantsKeyFrame).toBe(true);
    expect(g.allows(DELTA, 0)).toBe(false);
    expect(g.allows(KEY, 0)).toBe(true);
    expect(g.allows(DELTA, 0)).toBe(true);
    expect(g.wantsKeyFrame).toBe(false);
  });

  it("stops video when too much waits, until a key frame comes to a nearly empty socket", () => {
    const g = gate();
    g.allows(KEY, 0);
    expect(g.allows(DELTA, 1_400_000)).toBe(true);
    expect(g.allows(DELTA, 1_600_000)).toBe(false);
    expect(g.allows(KEY, 900_000)).toBe(false);
    expect(g.wantsKeyFrame).toBe(false);
    expect(g.allows(DELTA, 200_000)).toBe(false);
    expect(g.wantsKeyFrame).toBe(true);
    expect(g.allows(KEY, 200_000)).toBe(true);
    expect(g.allows(DELTA, 210_000)).toBe(true);
  });

  it("keeps the sound going much longer", () => {
    const g = gate();
    expect(g.allows(SOUND, 5_000_000)).toBe(true);
    expect(g.allows(SOUND, 7_000_000)).toBe(false);
  });
});
