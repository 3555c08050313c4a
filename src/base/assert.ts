/** States what our own code guarantees. A failure is a bug here, never the peer's mistake. */
export function assert(condition: unknown, what: string): asserts condition {
  if (!condition) throw new Error(`assertion failed: ${what}`);
}
