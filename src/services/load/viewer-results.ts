import { Histogram, type HistogramData } from "./histogram.ts";
import { FAILURES, type Failure, type Viewer } from "./viewer.ts";

const US_PER_MS = 1000;

/** What one thread's viewers came to. Histograms of times are in µs, of rates in bit/s. */
export interface ViewerResults {
  readonly connected: number;
  readonly gotMedia: number;
  readonly watching: number;
  readonly failures: Readonly<Record<Failure, number>>;
  readonly firstFailure: string;
  readonly windowBytes: number;
  readonly stalledViewers: number;
  readonly stalls: number;
  readonly longestGapMs: number;
  /** Watching, and below 90 % of the expected rate. */
  readonly starved: number;
  readonly connectUs: HistogramData;
  readonly firstByteUs: HistogramData;
  readonly firstMediaUs: HistogramData;
  readonly firstKeyUs: HistogramData;
  readonly rateBps: HistogramData;
}

export interface ResultOptions {
  readonly windowMs: number;
  /** 0: nobody is starved. */
  readonly expectedBps: number;
}

/** A viewer below this share of the expected rate did not get its stream. */
const STARVED_BELOW = 0.9;

export function summarizeViewers(viewers: readonly Viewer[], options: ResultOptions): ViewerResults {
  const failures: Record<Failure, number> = { local: 0, connect: 0, refused: 0, "closed-before-media": 0, "closed-later": 0 };
  const connectUs = new Histogram();
  const firstByteUs = new Histogram();
  const firstMediaUs = new Histogram();
  const firstKeyUs = new Histogram();
  const rateBps = new Histogram();
  let starved = 0;
  for (const viewer of viewers) {
    if (viewer.failure) failures[viewer.failure]++;
    recordSince(connectUs, viewer, viewer.connectedMs);
    recordSince(firstByteUs, viewer, viewer.firstByteMs);
    recordSince(firstMediaUs, viewer, viewer.firstMediaMs);
    recordSince(firstKeyUs, viewer, viewer.firstKeyMs);
    if (!viewer.isWatching) continue;
    const bps = (viewer.windowBytes * 8 * 1000) / options.windowMs;
    rateBps.record(bps);
    if (bps < options.expectedBps * STARVED_BELOW) starved++;
  }
  return {
    connected: connectUs.count,
    gotMedia: firstMediaUs.count,
    watching: rateBps.count,
    failures,
    firstFailure: viewers.find((viewer) => viewer.failure)?.why ?? "",
    windowBytes: viewers.reduce((sum, viewer) => sum + viewer.windowBytes, 0),
    stalledViewers: viewers.filter((viewer) => viewer.stalls > 0).length,
    stalls: viewers.reduce((sum, viewer) => sum + viewer.stalls, 0),
    longestGapMs: viewers.reduce((longest, viewer) => Math.max(longest, viewer.longestGapMs), 0),
    starved,
    connectUs: connectUs.data(),
    firstByteUs: firstByteUs.data(),
    firstMediaUs: firstMediaUs.data(),
    firstKeyUs: firstKeyUs.data(),
    rateBps: rateBps.data(),
  };
}

/** All threads together. */
export function mergeResults(parts: readonly ViewerResults[]): ViewerResults {
  const sum = (pick: (part: ViewerResults) => number) => parts.reduce((total, part) => total + pick(part), 0);
  const histogram = (pick: (part: ViewerResults) => HistogramData) => Histogram.merge(parts.map(pick)).data();
  const failures = Object.fromEntries(FAILURES.map((name) => [name, sum((part) => part.failures[name])]));
  return {
    connected: sum((part) => part.connected),
    gotMedia: sum((part) => part.gotMedia),
    watching: sum((part) => part.watching),
    failures: failures as Record<Failure, number>,
    firstFailure: parts.find((part) => part.firstFailure !== "")?.firstFailure ?? "",
    windowBytes: sum((part) => part.windowBytes),
    stalledViewers: sum((part) => part.stalledViewers),
    stalls: sum((part) => part.stalls),
    longestGapMs: Math.max(0, ...parts.map((part) => part.longestGapMs)),
    starved: sum((part) => part.starved),
    connectUs: histogram((part) => part.connectUs),
    firstByteUs: histogram((part) => part.firstByteUs),
    firstMediaUs: histogram((part) => part.firstMediaUs),
    firstKeyUs: histogram((part) => part.firstKeyUs),
    rateBps: histogram((part) => part.rateBps),
  };
}

function recordSince(histogram: Histogram, viewer: Viewer, atMs: number): void {
  if (atMs > 0) histogram.record((atMs - viewer.startedMs) * US_PER_MS);
}
