/**
 * `idle`. `starting`: asking for devices, making encoders. `connecting`: to the server. `live`: sending. `reconnecting`: a short wait.
 * `refused`: the server does not want this stream. `failed`: this browser could not go on.
 */
export type PushState = "idle" | "starting" | "connecting" | "live" | "reconnecting" | "refused" | "failed";

export interface PushSituation {
  readonly state: PushState;
  /** What was refused or failed; empty when there is nothing to say. */
  readonly message: string;
}

export interface PushStats {
  /** What went into the socket over the last second. */
  readonly sentBps: number;
  readonly fps: number;
  readonly sentFrames: number;
  readonly sentBytes: number;
  /** Pictures left out, because the network or the encoder did not keep up. */
  readonly droppedFrames: number;
  /** Waiting in the socket. */
  readonly bufferedBytes: number;
  readonly videoCodec: string;
  readonly audioCodec: string;
  readonly width: number;
  readonly height: number;
  /** ms since 1970; 0 while not live. */
  readonly liveSince: number;
}

export const NO_PUSH_STATS: PushStats = {
  sentBps: 0,
  fps: 0,
  sentFrames: 0,
  sentBytes: 0,
  droppedFrames: 0,
  bufferedBytes: 0,
  videoCodec: "",
  audioCodec: "",
  width: 0,
  height: 0,
  liveSince: 0,
};

/** `window.sluice` on `/push.html`, for tests and scripts. `/push.html?stream=live/x&source=test&auto=1` starts by itself. */
export interface PushAutomation extends PushStats {
  readonly page: "push";
  readonly stream: string;
  readonly state: PushState;
  readonly message: string;
  readonly reconnects: number;
}
