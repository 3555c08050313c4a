/** A segment may end this much early: key frames do not come at exact distances. */
const EARLY_MS = 100;

/**
 * Cuts a stream into segments, once and for everybody: the marks go into the frame log, and whoever makes HLS or recordings obeys.
 * RFC 8216 §3: a segment begins where decoding can begin.
 */
export class SegmentMarks {
  readonly #targetMs: number;
  #segment: number;
  #discontinuity: number;
  #startMs: number | undefined;
  #pendingDiscontinuity = false;

  constructor(options: { targetMs: number; segment: number; discontinuity: number }) {
    this.#targetMs = options.targetMs;
    this.#segment = options.segment - 1;
    this.#discontinuity = options.discontinuity;
  }

  /** The number of the segment in force: its media sequence number. */
  get segment(): number {
    return Math.max(0, this.#segment);
  }

  /** How many discontinuities came before this segment. */
  get discontinuity(): number {
    return this.#discontinuity;
  }

  /** Goes on in the middle of a segment that another thread began. */
  resume(segment: number, discontinuity: number, startMs: number): void {
    this.#segment = segment;
    this.#discontinuity = discontinuity;
    this.#startMs = startMs;
  }

  /** The next GOP start begins a segment with EXT-X-DISCONTINUITY: another publisher, another configuration. */
  breakAtNextGop(): void {
    if (this.#startMs !== undefined) this.#pendingDiscontinuity = true;
  }

  /** Asked at each GOP start: true when a new segment begins here. */
  beginsAt(timeMs: number): boolean {
    const isDue = this.#startMs === undefined || timeMs - this.#startMs >= this.#targetMs - EARLY_MS;
    if (!isDue && !this.#pendingDiscontinuity) return false;
    this.#segment++;
    if (this.#pendingDiscontinuity) this.#discontinuity++;
    this.#pendingDiscontinuity = false;
    this.#startMs = timeMs;
    return true;
  }
}
