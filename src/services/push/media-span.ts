import type { Frame } from "../../media/frame.ts";
import { rescale } from "../../media/timescale.ts";

/** How many of the newest frames of a track tell how long its last one lasts. */
const RECENT_FRAMES = 64;

interface TrackSpan {
  /** Newest decoding times in ms, not rounded. */
  readonly recentMs: number[];
  /** In ticks of the track. */
  shift: number;
  timescale: number;
  lastDts: number;
}

/** One run through a file, moved so that it begins at `startMs`; knows where the next run may begin. */
export class MediaSpan {
  readonly #startMs: number;
  readonly #tracks = new Map<number, TrackSpan>();
  /** The time in the file that becomes `startMs`. */
  #zeroMs: number | undefined;

  constructor(startMs: number) {
    this.#startMs = startMs;
  }

  /** The frame with its times moved. The first frame begins the span; one that lies before it gets the same time. */
  place(frame: Frame): Frame {
    const { timescale } = frame.track;
    this.#zeroMs ??= rescale(frame.dts, timescale, 1000);
    const track = this.#trackSpan(frame);
    const dts = Math.max(frame.dts + track.shift, rescale(this.#startMs, 1000, timescale));
    const pts = frame.pts + (dts - frame.dts);
    if (dts > track.lastDts) {
      track.recentMs.push((dts * 1000) / timescale);
      if (track.recentMs.length > RECENT_FRAMES) track.recentMs.shift();
      track.lastDts = dts;
    }
    return { ...frame, dts, pts };
  }

  /** Where the longest track ends, its last frame as long as those before it on average. `startMs` when there was no frame. */
  get endMs(): number {
    let endMs = this.#startMs;
    for (const { recentMs } of this.#tracks.values()) {
      const first = recentMs[0] ?? 0;
      const last = recentMs.at(-1) ?? 0;
      const frameMs = recentMs.length > 1 ? (last - first) / (recentMs.length - 1) : 1;
      endMs = Math.max(endMs, Math.round(last + frameMs));
    }
    return endMs;
  }

  #trackSpan({ track: { id, timescale } }: Frame): TrackSpan {
    let span = this.#tracks.get(id);
    if (!span || span.timescale !== timescale) {
      const shift = rescale(this.#startMs - (this.#zeroMs ?? 0), 1000, timescale);
      span = { recentMs: [], shift, timescale, lastDts: -1 };
      this.#tracks.set(id, span);
    }
    return span;
  }
}
