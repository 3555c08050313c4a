/** Converts a time between timescales (ticks per second), rounding to the nearest tick. The only conversion of times in Sluice. */
export function rescale(ticks: number, from: number, to: number): number {
  return from === to ? ticks : Math.round((ticks * to) / from);
}
