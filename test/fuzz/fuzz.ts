import { MediaError } from "../../src/base/media-error.ts";
import { mutate } from "./mutate.ts";
import { Random } from "./random.ts";

/** A parser under test. `run` may throw MediaErrors; anything else is a finding. */
export interface FuzzTarget {
  readonly name: string;
  readonly seeds: readonly Uint8Array[];
  /** `cut` divides bytes as a network would. */
  run(bytes: Uint8Array, cut: (bytes: Uint8Array) => Iterable<Uint8Array>): void;
}

export interface Finding {
  readonly target: string;
  readonly seed: number;
  readonly input: Uint8Array;
  readonly error: unknown;
}

/** An input that takes longer than this to parse is a finding. */
const MAX_RUN_MS = 1000;

/** Runs one input, made from `seed`. Gives what went wrong, if anything did. */
export function fuzzOnce(target: FuzzTarget, seed: number): Finding | undefined {
  const random = new Random(seed);
  const input = mutate(target.seeds, random);
  const startMs = performance.now();
  try {
    target.run(input.slice(), (bytes) => cutAtRandom(bytes, random));
  } catch (error) {
    if (!(error instanceof MediaError)) return { target: target.name, seed, input, error };
  }
  const elapsedMs = performance.now() - startMs;
  if (elapsedMs < MAX_RUN_MS) return undefined;
  return { target: target.name, seed, input, error: new Error(`took ${Math.round(elapsedMs)} ms`) };
}

function* cutAtRandom(bytes: Uint8Array, random: Random): Generator<Uint8Array> {
  const largest = random.pick([1, 7, 100, 1460, 65_536]);
  for (let at = 0; at < bytes.length; ) {
    const length = 1 + random.below(largest);
    yield bytes.slice(at, at + length);
    at += length;
  }
}
