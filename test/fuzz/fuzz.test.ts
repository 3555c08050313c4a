import { describe, expect, test } from "vitest";
import { fuzzOnce } from "./fuzz.ts";
import { fuzzTargets } from "./targets.ts";

/** A fixed set of mutants, so that a run is the same everywhere; `npm run fuzz` goes on from there. */
const RUNS = 300;

describe("every parser, given mutated captures of real peers, reads them or says MediaError", () => {
  test.each(fuzzTargets().map((target) => [target.name, target] as const))("%s", (_, target) => {
    expect(target.seeds.length).toBeGreaterThan(1);
    for (let seed = 1; seed <= RUNS; seed++) expect(fuzzOnce(target, seed)).toBeUndefined();
  });
});
