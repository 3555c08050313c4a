import type { CodecProblem } from "./codec-support.ts";

/**
 * `choosing`: no stream asked for. `waiting`: nobody publishes it. `away`: the server does not answer. `connecting`: until the first
 * picture. `playing`. `stalled`: connected, but nothing to play. `reconnecting`: a short wait before the next try. `paused`: by the user,
 * disconnected. `unsupported`: the browser or this player cannot play it.
 */
export type PlayerState =
  | "choosing"
  | "waiting"
  | "away"
  | "connecting"
  | "playing"
  | "stalled"
  | "reconnecting"
  | "paused"
  | "unsupported";

/** Everything measured, a few times a second. Null: not known. */
export interface PlayerStats {
  readonly latencyMs: number | null;
  readonly targetMs: number | null;
  readonly bufferMs: number;
  readonly bitrateBps: number | null;
  readonly decodedFps: number | null;
  /** Since the page was opened, over all connections. */
  readonly decodedFrames: number;
  readonly droppedFrames: number;
  readonly playbackRate: number;
  /** Of the video element, in seconds; starts again with each connection. */
  readonly currentTime: number;
  readonly width: number;
  readonly height: number;
  readonly level: string | null;
}

export const NO_STATS: PlayerStats = {
  latencyMs: null,
  targetMs: null,
  bufferMs: 0,
  bitrateBps: null,
  decodedFps: null,
  decodedFrames: 0,
  droppedFrames: 0,
  playbackRate: 1,
  currentTime: 0,
  width: 0,
  height: 0,
  level: null,
};

/** Where the player stands, and why. */
export interface PlayerSituation {
  readonly state: PlayerState;
  /** The last connection's end, or what the browser lacks; empty when there is nothing to say. */
  readonly message: string;
  readonly problem: CodecProblem | null;
}

/** `window.sluice` on `/index.html` and `/play.html`, for tests and scripts. Read it whenever you like; every read is fresh. */
export interface PlayerAutomation {
  readonly page: "flv" | "hls";
  /** `live/demo`, or null when the page shows the stream picker. */
  readonly stream: string | null;
  /** `ws`, `http`, `hls.js`, `native`. */
  readonly transport: string;
  readonly state: PlayerState;
  readonly message: string;
  /** How far the picture is behind the newest media received, by the estimate of `LiveClock` or by hls.js. */
  readonly latencyMs: number | null;
  readonly bufferMs: number;
  readonly decodedFrames: number;
  readonly droppedFrames: number;
  /** Connections after the first one. */
  readonly reconnects: number;
  readonly currentTime: number;
  readonly playbackRate: number;
  readonly muted: boolean;
}

/** Puts an object of getters where tests look for it. */
export function exposeForAutomation(status: object): void {
  Object.defineProperty(window, "sluice", { value: status, configurable: true });
}
