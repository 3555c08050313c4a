import { setTimeout as delay } from "node:timers/promises";

/** How often a condition without an event of its own is looked at. */
const LOOK_EVERY_MS = 20;

/** Gives what `promise` gives; rejects when that takes longer than `ms`. */
export async function within<T>(promise: Promise<T>, ms: number, what: string): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`${what}: not within ${ms} ms`)), ms);
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Waits until `look` gives something truthy, and gives that; rejects when that takes longer than `ms`. */
export async function until<T>(
  what: string,
  look: () => T | Promise<T>,
  ms = 10_000,
  everyMs = LOOK_EVERY_MS,
): Promise<Exclude<T, undefined | false | null>> {
  const deadline = performance.now() + ms;
  for (;;) {
    const value = await look();
    if (value) return value as Exclude<T, undefined | false | null>;
    if (performance.now() > deadline) throw new Error(`${what}: not within ${ms} ms`);
    await delay(everyMs);
  }
}
