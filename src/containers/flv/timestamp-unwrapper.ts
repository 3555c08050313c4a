/**
 * Continues 32-bit millisecond timestamps, which wrap after 49.7 days, to 53 bits: each becomes the nearest value to the one before,
 * whichever track either is of. The first is taken as it is. Never negative.
 */
export class TimestampUnwrapper {
  #last: number | undefined;

  unwrap(timestamp: number): number {
    const last = this.#last ?? timestamp;
    // the difference modulo 2^32 as a signed number; `last` may be negative, where tracks begin around 0
    this.#last = last + ((timestamp - last) | 0);
    return Math.max(0, this.#last);
  }
}
