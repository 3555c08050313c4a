/**
 * Pictures that may wait for a later one at most: the largest decoded picture buffer of H.264 and HEVC. What is read ahead.
 * ISO/IEC 14496-10 §A.3.1 h, ISO/IEC 23008-2 §A.4.2.
 */
export const MAX_REORDERED_PICTURES = 16;

/** A packet in decoding order, and when it is shown. */
export interface Timed {
  readonly pts: number;
}

/**
 * Gives packets in decoding order a decoding time when their file tells only the presentation time: the presentation times in rising
 * order, moved back so far that nothing is decoded after it is shown. Without reordered pictures both are equal. Reads ahead a few
 * packets.
 */
export async function* withDecodeTimes<T extends Timed>(packets: AsyncIterable<T>): AsyncGenerator<{ packet: T; dts: number }> {
  const ahead: T[] = [];
  const sorted: number[] = [];
  let delay: number | undefined;
  let last = Number.NEGATIVE_INFINITY;
  const next = () => {
    delay ??= reorderDelay(ahead, sorted);
    const packet = ahead.shift()!;
    const dts = Math.max(Math.min(sorted.shift()! - delay, packet.pts), last);
    last = dts;
    return { packet, dts };
  };
  for await (const packet of packets) {
    ahead.push(packet);
    insertSorted(sorted, packet.pts);
    if (ahead.length > MAX_REORDERED_PICTURES) yield next();
  }
  while (ahead.length > 0) yield next();
}

/** By how much the first packets would be decoded too late if nothing were moved. */
function reorderDelay(packets: readonly Timed[], sorted: readonly number[]): number {
  return Math.max(0, ...packets.map((packet, i) => sorted[i]! - packet.pts));
}

function insertSorted(sorted: number[], value: number): void {
  let at = sorted.length;
  while (at > 0 && sorted[at - 1]! > value) at--;
  sorted.splice(at, 0, value);
}
