import type { Quantiles } from "./histogram.ts";
import type { SampledResults } from "./sampled-results.ts";
import type { Failure } from "./viewer.ts";

export interface LoadOptions {
  /** Play URLs; viewers take them in turn. Scheme and extension say the protocol. */
  readonly urls: readonly string[];
  readonly viewers: number;
  /** Of these, parsed to the end, for latency and framing (20). */
  readonly sampled?: number;
  /** New viewers per second (1000). */
  readonly rampPerSecond?: number;
  /** Between the end of the ramp and the window (5). */
  readonly settleSeconds?: number;
  /** The measuring window (15). */
  readonly holdSeconds?: number;
  /** More viewers that come within the window, all at once or over a time. */
  readonly pulse?: { readonly viewers: number; readonly overSeconds: number; readonly afterSeconds: number };
  /** Threads that drain; one more samples (1). */
  readonly threads?: number;
  /** Bitrate of the stream: viewers below 90 % of it are counted as starved. */
  readonly expectedKbps?: number;
  /** Nothing for longer than this is a stall (2). */
  readonly stallSeconds?: number;
  /** The server's process on this machine: its CPU and memory, with its descendants', become part of the report. */
  readonly serverPid?: number;
  readonly onProgress?: (progress: LoadProgress) => void;
  /** Ends the run early: `runLoad` rejects with its reason. */
  readonly signal?: AbortSignal;
}

export interface LoadProgress {
  readonly phase: "ramp" | "settle" | "window";
  /** Of this phase. */
  readonly secondsLeft: number;
  readonly started: number;
  readonly watching: number;
  readonly failed: number;
  readonly mbps: number;
}

/** What became of a group of viewers. Times in ms. */
export interface ViewerReport {
  readonly wanted: number;
  readonly connected: number;
  readonly gotMedia: number;
  /** At the end. */
  readonly watching: number;
  readonly failures: Readonly<Record<Failure, number>>;
  /** An example of why. */
  readonly firstFailure: string;
  readonly starved: number;
  readonly stalledViewers: number;
  readonly stalls: number;
  /** Longest time without bytes of any viewer in the window, as exact as its reads are frequent: up to 250 ms. */
  readonly longestGapMs: number;
  /** Per viewer in the window. */
  readonly kbps: Quantiles;
  readonly connectMs: Quantiles;
  readonly firstByteMs: Quantiles;
  /** From the beginning of the connection to the first bytes behind all headers. */
  readonly firstMediaMs: Quantiles;
  /** To the whole first key frame. */
  readonly firstKeyMs: Quantiles;
}

export interface LoadReport {
  readonly windowSeconds: number;
  readonly mbps: number;
  readonly viewers: ViewerReport;
  readonly pulse: ViewerReport | undefined;
  readonly sampled: SampledResults;
  /** From the publisher's stamp to the sampled viewer's whole frame, in the window. Empty without markers in the stream. */
  readonly latencyMs: Quantiles;
  /** Between two arrivals at a sampled viewer, in the window: the flush interval as viewers see it. */
  readonly arrivalMs: Quantiles;
  /** Only with `serverPid`, and where /proc is. */
  readonly server: ServerReport | undefined;
  /** The load's own share of one core, with all of its process: near the number of cores it has, it measures itself. */
  readonly loadCpuShare: number;
}

export interface ServerReport {
  /** In the window. */
  readonly cpuSeconds: number;
  readonly userSeconds: number;
  readonly systemSeconds: number;
  /** Of one core. */
  readonly cpuShare: number;
  readonly cpuUsPerViewerSecond: number;
  readonly rssBeforeBytes: number;
  readonly rssBytes: number;
  readonly peakRssBytes: number;
  readonly rssPerViewerBytes: number;
}

/** What publishers came to. */
export interface PublishReport {
  readonly streams: number;
  /** Ended by the server before they were stopped. */
  readonly failed: number;
  readonly firstFailure: string;
  readonly video: number;
  readonly audio: number;
  /** Frames that were not sent because the server did not take them. */
  readonly dropped: number;
  /** Of all streams together, with RTMP's own headers. */
  readonly kbps: number;
  /** How late frames were sent; their stamp is the true time. */
  readonly lateMs: Quantiles;
}
