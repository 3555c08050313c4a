import { formatKey, type StreamKey } from "../hub/stream-key.ts";

/** Names remembered after their streams ended; the oldest is forgotten first. */
const MAX_REMEMBERED = 10_000;

export interface SegmentNumbers {
  readonly segment: number;
  readonly discontinuity: number;
}

/** The segment numbers that a name has used, so that a playlist never goes back when a stream ends and begins again. RFC 8216 §6.2.1. */
export class SegmentMemory {
  readonly #last = new Map<string, SegmentNumbers>();

  set(key: StreamKey, { segment, discontinuity }: SegmentNumbers): void {
    const name = formatKey(key);
    this.#last.delete(name);
    this.#last.set(name, { segment, discontinuity });
    if (this.#last.size > MAX_REMEMBERED) this.#last.delete(this.#last.keys().next().value ?? name);
  }

  /** The numbers that the first segment of a new stream gets. Room is left for segments that were made after the last `set`. */
  next(key: StreamKey): SegmentNumbers {
    const last = this.#last.get(formatKey(key));
    if (!last) return { segment: 0, discontinuity: 0 };
    return { segment: last.segment + 10, discontinuity: last.discontinuity + 1 };
  }
}
