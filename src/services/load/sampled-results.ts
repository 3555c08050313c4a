import type { HistogramData } from "./histogram.ts";
import type { Viewer } from "./viewer.ts";

/** What the viewers that are parsed to the end saw; sums and worst cases over all of them. */
export interface SampledResults {
  readonly viewers: number;
  readonly withMedia: number;
  readonly video: number;
  readonly audio: number;
  readonly withoutVideo: number;
  readonly withoutAudio: number;
  /** Their first video frame was no key frame. */
  readonly startedWithoutKey: number;
  readonly lostFrames: number;
  /** Timestamps or frame numbers that ran backwards. */
  readonly backwards: number;
  readonly framingErrors: number;
  readonly firstError: string;
  readonly longestFrameGapMs: number;
}

/** With the histograms of their thread, in µs. */
export interface SampledData {
  readonly viewers: SampledResults;
  readonly latencyUs: HistogramData;
  readonly arrivalUs: HistogramData;
}

export function summarizeSampled(viewers: readonly Viewer[]): SampledResults {
  const tallies = viewers.map((viewer) => viewer.tally);
  const sum = (pick: (tally: (typeof tallies)[number]) => number) => tallies.reduce((total, tally) => total + pick(tally), 0);
  return {
    viewers: viewers.length,
    withMedia: viewers.filter((viewer) => viewer.firstMediaMs > 0).length,
    video: sum((tally) => tally.video),
    audio: sum((tally) => tally.audio),
    withoutVideo: tallies.filter((tally) => tally.video === 0 && tally.audio > 0).length,
    withoutAudio: tallies.filter((tally) => tally.audio === 0 && tally.video > 0).length,
    startedWithoutKey: tallies.filter((tally) => tally.isFirstVideoKey === false).length,
    lostFrames: sum((tally) => tally.lostFrames),
    backwards: sum((tally) => tally.backwards),
    framingErrors: sum((tally) => tally.framingErrors),
    firstError: tallies.find((tally) => tally.firstError !== "")?.firstError ?? "",
    longestFrameGapMs: tallies.reduce((longest, tally) => Math.max(longest, tally.longestGapMs), 0),
  };
}
