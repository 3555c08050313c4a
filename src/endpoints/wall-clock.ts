/** Wall clock in ms since 1970 that never steps: as of the process's start, carried on by the monotonic clock. */
export function wallClockMs(): number {
  return performance.timeOrigin + performance.now();
}
