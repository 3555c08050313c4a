import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DEFAULT_EDGE, LiveEdge } from "./live-edge.ts";

const calm = (nowMs: number, aheadMs: number) => ({ nowMs, aheadMs, isStalled: false });

/** Plays against an edge that grows in real time, as a network without jitter gives it. Returns how far it is behind at the end. */
function play(edge: LiveEdge, startAheadMs: number, forMs: number): { aheadMs: number; seeks: number; maxRate: number } {
  let aheadMs = startAheadMs;
  let seeks = 0;
  let maxRate = 1;
  for (let nowMs = 0; nowMs < forMs; nowMs += 100) {
    const action = edge.step(calm(nowMs, aheadMs));
    maxRate = Math.max(maxRate, action.rate);
    if (action.seekBehindEdgeMs !== null) {
      aheadMs = action.seekBehindEdgeMs;
      seeks++;
    }
    aheadMs += 100 - 100 * action.rate;
  }
  return { aheadMs, seeks, maxRate };
}

function started(): LiveEdge {
  const edge = new LiveEdge();
  edge.step(calm(-10_000, 300));
  return edge;
}

describe("holding the live edge", () => {
  it("plays at normal speed while it is near the target", () => {
    const edge = started();
    for (const aheadMs of [200, 300, 400, 500, 590])
      expect(edge.step(calm(0, aheadMs))).toEqual({ rate: 1, seekBehindEdgeMs: null });
  });

  it("jumps over the GOP that a new viewer is given", () => {
    const edge = new LiveEdge();
    expect(edge.step(calm(0, 2000))).toEqual({ rate: 1, seekBehindEdgeMs: 400 });
  });

  it("catches up gently, all the way to the target, without a jump", () => {
    const end = play(started(), 1200, 20_000);
    expect(end.seeks).toBe(0);
    expect(end.maxRate).toBe(1.05);
    expect(end.aheadMs).toBeGreaterThan(380);
    expect(end.aheadMs).toBeLessThan(420);
  });

  it("catches up faster when it is more than a second behind its target", () => {
    expect(started().step(calm(0, 1600)).rate).toBe(DEFAULT_EDGE.maxRate);
  });

  it("jumps when it is far behind, and not again before the jump had its effect", () => {
    const edge = started();
    expect(edge.step(calm(0, 4000)).seekBehindEdgeMs).toBe(400);
    expect(edge.step(calm(100, 4000)).seekBehindEdgeMs).toBeNull();
    expect(edge.step(calm(1500, 4000)).seekBehindEdgeMs).toBe(400);
  });

  it("slows down when the buffer is nearly empty, until half the target is there again", () => {
    const edge = started();
    expect(edge.step(calm(0, 80)).rate).toBe(0.95);
    expect(edge.step(calm(100, 150)).rate).toBe(0.95);
    expect(edge.step(calm(200, 250)).rate).toBe(1);
  });

  it("asks for more in hand after each stall, up to a limit, and for less after calm", () => {
    const edge = started();
    for (let i = 0; i < 40; i++) {
      edge.step({ nowMs: i * 200, aheadMs: 0, isStalled: true });
      edge.step(calm(i * 200 + 100, 300));
    }
    expect(edge.targetMs).toBe(DEFAULT_EDGE.maxTargetMs);
    for (let nowMs = 8000; nowMs < 2_000_000; nowMs += 1000) edge.step(calm(nowMs, 500));
    expect(edge.targetMs).toBe(DEFAULT_EDGE.targetMs);
  });

  it("counts one stall once", () => {
    const edge = started();
    for (let nowMs = 0; nowMs < 1000; nowMs += 100) edge.step({ nowMs, aheadMs: 0, isStalled: true });
    expect(edge.targetMs).toBe(DEFAULT_EDGE.targetMs + 150);
  });

  it("does not blame the network for a publisher that was away", () => {
    const edge = started();
    for (let nowMs = 0; nowMs < 5000; nowMs += 100) edge.step({ nowMs, aheadMs: 0, isStalled: true });
    edge.step(calm(5000, 300));
    expect(edge.targetMs).toBe(DEFAULT_EDGE.targetMs);
  });

  it("does not take the wait for the first frame for a stall", () => {
    const edge = new LiveEdge();
    edge.step({ nowMs: 0, aheadMs: 0, isStalled: true });
    expect(edge.targetMs).toBe(DEFAULT_EDGE.targetMs);
  });

  it("jumps to the edge of the next connection but keeps what it learnt", () => {
    const edge = started();
    edge.step({ nowMs: 0, aheadMs: 0, isStalled: true });
    edge.restart();
    expect(edge.step(calm(5000, 1500)).seekBehindEdgeMs).toBe(550);
  });

  it("never leaves its range of speeds, and never jumps to before what it has", () => {
    const samples = fc.array(
      fc.record({ dt: fc.integer({ min: 1, max: 5000 }), aheadMs: fc.integer({ min: 0, max: 60_000 }), isStalled: fc.boolean() }),
    );
    fc.assert(
      fc.property(samples, (list) => {
        const edge = new LiveEdge();
        let nowMs = 0;
        for (const { dt, aheadMs, isStalled } of list) {
          nowMs += dt;
          const { rate, seekBehindEdgeMs } = edge.step({ nowMs, aheadMs, isStalled });
          expect(rate).toBeGreaterThanOrEqual(0.95);
          expect(rate).toBeLessThanOrEqual(DEFAULT_EDGE.maxRate);
          if (seekBehindEdgeMs !== null) expect(seekBehindEdgeMs).toBeLessThan(aheadMs);
        }
      }),
    );
  });

  it("ends near the target from wherever it starts", () => {
    fc.assert(
      fc.property(fc.integer({ min: 150, max: 30_000 }), (startAheadMs) => {
        const { aheadMs } = play(new LiveEdge(), startAheadMs, 40_000);
        expect(aheadMs).toBeGreaterThanOrEqual(140);
        expect(aheadMs).toBeLessThanOrEqual(DEFAULT_EDGE.targetMs + DEFAULT_EDGE.toleranceMs);
      }),
    );
  });
});
