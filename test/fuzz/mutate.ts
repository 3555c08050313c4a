import type { Random } from "./random.ts";

/** Values at which lengths, counts and signs go wrong. */
const EDGES = [
  0, 1, 2, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xffff, 0x10000, 0xfffffe, 0xffffff, 0x1000000, 0x7fffffff, 0x80000000,
  0xffffffff,
];
const MAX_MUTANT_BYTES = 256 * 1024;

type Mutation = (bytes: Uint8Array, random: Random, others: readonly Uint8Array[]) => Uint8Array;

const flipBit: Mutation = (bytes, random) => {
  const at = random.below(bytes.length);
  bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8));
  return bytes;
};

const setByte: Mutation = (bytes, random) => {
  bytes[random.below(bytes.length)] = random.below(256);
  return bytes;
};

const setEdge: Mutation = (bytes, random) => {
  const size = random.pick([1, 2, 3, 4]);
  const value = random.pick(EDGES);
  const at = random.below(bytes.length);
  for (let i = 0; i < size && at + i < bytes.length; i++) bytes[at + i] = value >>> (8 * (size - 1 - i));
  return bytes;
};

const remove: Mutation = (bytes, random) => {
  const at = random.below(bytes.length);
  const length = 1 + random.below(Math.min(64, bytes.length - at));
  return join(bytes.subarray(0, at), bytes.subarray(at + length));
};

const insert: Mutation = (bytes, random) => {
  const at = random.below(bytes.length + 1);
  const noise = Uint8Array.from({ length: 1 + random.below(32) }, () => random.below(256));
  return join(bytes.subarray(0, at), noise, bytes.subarray(at));
};

const repeat: Mutation = (bytes, random) => {
  const at = random.below(bytes.length);
  const part = bytes.subarray(at, at + 1 + random.below(512));
  return join(bytes.subarray(0, at), ...Array.from({ length: 1 + random.below(8) }, () => part), bytes.subarray(at));
};

const truncate: Mutation = (bytes, random) => bytes.slice(0, random.below(bytes.length + 1));

const splice: Mutation = (bytes, random, others) => {
  const other = random.pick(others);
  return join(bytes.subarray(0, random.below(bytes.length + 1)), other.subarray(random.below(other.length + 1)));
};

const MUTATIONS: readonly Mutation[] = [flipBit, flipBit, setByte, setEdge, setEdge, remove, insert, repeat, truncate, splice];

/** A seed changed in one to eight ways. */
export function mutate(seeds: readonly Uint8Array[], random: Random): Uint8Array {
  let bytes: Uint8Array = random.pick(seeds).slice();
  for (let left = 1 + random.below(8); left > 0; left--) {
    if (bytes.length === 0) return bytes;
    bytes = random.pick(MUTATIONS)(bytes, random, seeds);
  }
  return bytes.subarray(0, MAX_MUTANT_BYTES);
}

function join(...parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
