import { MediaError } from "../../base/media-error.ts";
import { FlvTagDemuxer } from "../../containers/flv/tag-demuxer.ts";
import { openSource } from "../clients/open-source.ts";
import type { StreamUrl } from "../clients/stream-url.ts";
import { StreamMeter, type TrackReport } from "./stream-meter.ts";

export interface ProbeOptions {
  readonly signal: AbortSignal;
  /** How long to watch after the first frame. */
  readonly watchMs?: number;
  readonly connectTimeoutMs?: number;
  /** A stream that brings nothing for this long is over. */
  readonly idleTimeoutMs?: number;
}

export interface ProbeReport {
  readonly url: string;
  /** From the first packet of the connection to the first frame. */
  readonly firstFrameMs: number;
  /** Media time that was seen; the newest group of pictures comes at once. */
  readonly seenMs: number;
  readonly bitrateBps: number;
  /** Mean time between key frames; 0 when fewer than two were seen. */
  readonly gopMs: number;
  /** How far sound comes before (positive) or behind (negative) the picture of the same time, on average and at most, in ms. */
  readonly interleaveMs: { readonly mean: number; readonly max: number };
  readonly tracks: readonly TrackReport[];
}

const WATCH_MS = 4_000;

/** Watches a live stream for a few seconds and says what it is. Rejects with a MediaError when there is none. */
export async function probeStream(url: StreamUrl, options: ProbeOptions): Promise<ProbeReport> {
  const { signal, watchMs = WATCH_MS } = options;
  const meter = new StreamMeter();
  const demuxer = new FlvTagDemuxer(meter);
  const startMs = performance.now();
  const stop = new AbortController();
  const end = () => stop.abort();
  signal.addEventListener("abort", end, { once: true });
  let firstMs: number | undefined;
  let timer: NodeJS.Timeout | undefined;
  try {
    for await (const tag of openSource(url, { ...options, signal: stop.signal })) {
      demuxer.read(tag);
      if (firstMs !== undefined || meter.frames === 0) continue;
      firstMs = performance.now();
      timer = setTimeout(end, watchMs);
    }
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", end);
    stop.abort();
  }
  if (firstMs === undefined) throw new MediaError(`${url.shown}: ended before a frame came`);
  return { url: url.shown, firstFrameMs: Math.round(firstMs - startMs), ...meter.report() };
}
