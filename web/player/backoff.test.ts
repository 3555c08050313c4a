import { describe, expect, it } from "vitest";
import { Backoff } from "./backoff.ts";

describe("waiting before the next connection", () => {
  it("doubles up to a limit", () => {
    const backoff = new Backoff(() => 1);
    expect([0, 0, 0, 0, 0, 0].map((held) => backoff.next(held))).toEqual([400, 800, 1600, 3200, 6000, 6000]);
  });

  it("spreads viewers over half of the step", () => {
    expect(new Backoff(() => 0).next(0)).toBe(200);
  });

  it("begins anew after a connection that held", () => {
    const backoff = new Backoff(() => 1);
    for (let i = 0; i < 5; i++) backoff.next(0);
    expect(backoff.next(8000)).toBe(400);
  });
});
