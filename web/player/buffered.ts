/** What lies where in a media element's buffer, around the playhead. Seconds, except `aheadMs`. */
export interface BufferView {
  readonly aheadMs: number;
  /** End of the newest range: the live edge as received. Null when the buffer is empty. */
  readonly edge: number | null;
  readonly nextRangeStart: number | null;
}

/** Ranges that lie closer together than this play through. */
const JOIN_S = 0.05;

/** Reads `ranges` as seen from `currentTime`; small holes between audio and video frames do not count as gaps. */
export function viewBuffer(ranges: TimeRanges, currentTime: number): BufferView {
  const count = ranges.length;
  if (count === 0) return { aheadMs: 0, edge: null, nextRangeStart: null };
  let reach = currentTime;
  let nextRangeStart: number | null = null;
  for (let i = 0; i < count; i++) {
    if (ranges.end(i) <= reach) continue;
    if (ranges.start(i) > reach + JOIN_S) {
      nextRangeStart = ranges.start(i);
      break;
    }
    reach = ranges.end(i);
  }
  return { aheadMs: Math.max(0, reach - currentTime) * 1000, edge: ranges.end(count - 1), nextRangeStart };
}
