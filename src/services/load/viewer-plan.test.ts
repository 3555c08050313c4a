import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type PlanOptions, planViewers } from "./viewer-plan.ts";

const BASE: PlanOptions = {
  viewers: 10,
  sampled: 2,
  threads: 2,
  targets: 1,
  rampStartMs: 1000,
  rampPerSecond: 10,
  isLoopback: true,
};

describe("planViewers", () => {
  test("viewers start at the pace of the ramp, the sampled ones spread over it in a thread of their own", () => {
    const plans = planViewers(BASE);
    expect(plans.map((plan) => [...plan.startMs])).toEqual([
      [1200, 1400, 1600, 1800],
      [1100, 1300, 1700, 1900],
      [1000, 1500],
    ]);
  });

  test("a pulse comes on top, over its own time", () => {
    const plans = planViewers({ ...BASE, pulse: { viewers: 4, startMs: 5000, overMs: 100 } });
    const pulse = plans.flatMap((plan) => [...plan.startMs].filter((_, i) => plan.isPulse[i] === 1));
    expect(pulse.toSorted()).toEqual([5000, 5025, 5050, 5075]);
  });

  test("every viewer is planned once, in order, and targets get equal shares", () => {
    const options = fc.record({
      viewers: fc.integer({ min: 1, max: 500 }),
      sampled: fc.nat(50),
      threads: fc.integer({ min: 1, max: 4 }),
      targets: fc.integer({ min: 1, max: 5 }),
    });
    fc.assert(
      fc.property(options, (chosen) => {
        const plans = planViewers({ ...BASE, ...chosen });
        expect(plans.reduce((sum, plan) => sum + plan.startMs.length, 0)).toBe(chosen.viewers);
        const perTarget = new Array<number>(chosen.targets).fill(0);
        for (const plan of plans) {
          expect(plan.startMs).toEqual(plan.startMs.toSorted());
          for (const target of plan.target) perTarget[target] = perTarget[target]! + 1;
        }
        expect(Math.max(...perTarget) - Math.min(...perTarget)).toBeLessThanOrEqual(1);
      }),
    );
  });

  test("thousands of viewers come from several addresses, but only on loopback", () => {
    const sources = (isLoopback: boolean) =>
      new Set(planViewers({ ...BASE, viewers: 18_900, isLoopback }).flatMap((plan) => [...plan.source]));
    expect([...sources(true)].toSorted()).toEqual([2, 3, 4]);
    expect([...sources(false)]).toEqual([0]);
    expect([...new Set(planViewers(BASE).flatMap((plan) => [...plan.source]))]).toEqual([0]);
  });
});
