/** Values below 2^7 have a bucket each; above, every power of two is cut into 64 buckets, so a value is off by less than 1/128 of itself. */
const LINEAR_BITS = 7;
const HALF = 1 << (LINEAR_BITS - 1);
/** The largest value that is told apart: in µs, 35 minutes. */
export const MAX_HISTOGRAM_VALUE = 0x7fffffff;
const BUCKETS = bucketOf(MAX_HISTOGRAM_VALUE) + 1;

/** What a histogram says, in the unit of its values divided by the `scale` that was asked for. All zero when `count` is. */
export interface Quantiles {
  readonly count: number;
  readonly mean: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}

/** A histogram that can cross threads by `postMessage`. */
export interface HistogramData {
  readonly counts: Float64Array;
  readonly sum: number;
  readonly min: number;
  readonly max: number;
}

/** Counts whole numbers ≥ 0 in log-linear buckets: constant memory and cost, and quantiles within 0.8 %. */
export class Histogram {
  readonly #counts = new Float64Array(BUCKETS);
  #count = 0;
  #sum = 0;
  #min = Number.POSITIVE_INFINITY;
  #max = 0;

  /** Adds what other threads counted. */
  static merge(parts: Iterable<HistogramData>): Histogram {
    const merged = new Histogram();
    for (const part of parts) merged.#add(part);
    return merged;
  }

  get count(): number {
    return this.#count;
  }

  get max(): number {
    return this.#max;
  }

  /** Counts a value; what is below 0 or above the maximum counts as that, a fraction is cut off. */
  record(value: number): void {
    const whole = value <= 0 ? 0 : value >= MAX_HISTOGRAM_VALUE ? MAX_HISTOGRAM_VALUE : Math.floor(value);
    const bucket = bucketOf(whole);
    this.#counts[bucket] = this.#counts[bucket]! + 1;
    this.#count++;
    this.#sum += whole;
    if (whole < this.#min) this.#min = whole;
    if (whole > this.#max) this.#max = whole;
  }

  /** The smallest value that at least a share of `q` of all values does not exceed: the middle of its bucket, within what was seen. */
  quantile(q: number): number {
    const rank = Math.max(1, Math.ceil(q * this.#count));
    if (rank >= this.#count) return this.#max;
    let seen = 0;
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      seen += this.#counts[bucket]!;
      if (seen >= rank) return Math.min(this.#max, Math.max(this.#min, middleOf(bucket)));
    }
    return this.#max;
  }

  /** `scale` 1000 turns µs into ms. */
  quantiles(scale = 1): Quantiles {
    const mean = this.#count === 0 ? 0 : this.#sum / this.#count;
    return {
      count: this.#count,
      mean: mean / scale,
      p50: this.quantile(0.5) / scale,
      p90: this.quantile(0.9) / scale,
      p99: this.quantile(0.99) / scale,
      max: this.#max / scale,
    };
  }

  /** The live counts, not a copy: for `postMessage`, which copies. */
  data(): HistogramData {
    return { counts: this.#counts, sum: this.#sum, min: this.#min, max: this.#max };
  }

  #add(part: HistogramData): void {
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      const count = part.counts[bucket] ?? 0;
      this.#counts[bucket] = this.#counts[bucket]! + count;
      this.#count += count;
    }
    this.#sum += part.sum;
    this.#min = Math.min(this.#min, part.min);
    this.#max = Math.max(this.#max, part.max);
  }
}

function bucketOf(value: number): number {
  const shift = Math.max(0, 32 - Math.clz32(value) - LINEAR_BITS);
  return shift * HALF + (value >>> shift);
}

function middleOf(bucket: number): number {
  const shift = Math.max(0, Math.floor(bucket / HALF) - 1);
  const first = (bucket - shift * HALF) * 2 ** shift;
  return first + Math.floor((2 ** shift - 1) / 2);
}
