import type { EndReason } from "../../hub/cursor.ts";
import type { SharedLog } from "../../hub/frame-log.ts";
import type { StreamRequest } from "../../hub/hub.ts";
import type { StreamKey } from "../../hub/stream-key.ts";
import type { Track } from "../../media/track.ts";
import type { Config } from "../config.ts";

/** A worker says that often that it is alive. */
export const HEARTBEAT_MS = 250;

/** What every worker knows of a stream. */
export interface StreamEntry {
  readonly id: number;
  readonly key: StreamKey;
  readonly epoch: number;
  readonly owner: number;
  readonly log: SharedLog;
  /** See hub/stream-state.ts. */
  readonly state: SharedArrayBuffer;
  readonly firstSegment: number;
  readonly firstDiscontinuity: number;
}

/** A publisher whose frames come to the owner through an input log. */
export interface RemoteInput {
  readonly inputId: number;
  readonly log: SharedLog;
  readonly consumed: SharedArrayBuffer;
}

export interface PublishGrant {
  readonly streamId: number;
  readonly inputId: number;
  /** The worker that owns the stream: when it is another one, frames go through an input log. */
  readonly owner: number;
}

export type WorkerRequest =
  | { readonly kind: "publish"; readonly request: StreamRequest }
  | { readonly kind: "find"; readonly request: StreamRequest }
  | { readonly kind: "streams" };

export interface ErrorMessage {
  readonly code: string;
  readonly message: string;
  readonly isLimit: boolean;
}

/** Main thread → media worker. */
export type ToWorker =
  | { readonly type: "stream"; readonly entry: StreamEntry }
  | { readonly type: "sync"; readonly ack: number }
  | { readonly type: "own"; readonly streamId: number; readonly input?: RemoteInput }
  | { readonly type: "replaced"; readonly streamId: number; readonly log: SharedLog }
  | { readonly type: "input"; readonly streamId: number; readonly input: RemoteInput }
  | { readonly type: "input-replaced"; readonly streamId: number; readonly inputId: number; readonly log: SharedLog }
  | { readonly type: "input-ended"; readonly streamId: number; readonly inputId: number }
  | { readonly type: "owner"; readonly streamId: number; readonly owner: number }
  | { readonly type: "revoke"; readonly inputId: number; readonly reason: string }
  | { readonly type: "ended"; readonly streamId: number; readonly reason: EndReason }
  | { readonly type: "hls-wanted"; readonly streamId: number }
  | { readonly type: "reply"; readonly id: number; readonly value?: unknown; readonly error?: ErrorMessage }
  | { readonly type: "fault"; readonly fault: "throw" | "hang-3s" | "hang-15s" | "out-of-memory" }
  | { readonly type: "stop" };

/** Media worker → main thread. */
export type FromWorker =
  | { readonly type: "listening" }
  | { readonly type: "request"; readonly id: number; readonly request: WorkerRequest }
  | { readonly type: "cancel"; readonly id: number }
  | { readonly type: "ack"; readonly ack: number }
  | { readonly type: "unpublish"; readonly inputId: number; readonly reason: string }
  | { readonly type: "input"; readonly streamId: number; readonly input: RemoteInput }
  | { readonly type: "input-replaced"; readonly streamId: number; readonly inputId: number; readonly log: SharedLog }
  | { readonly type: "replaced"; readonly streamId: number; readonly log: SharedLog }
  | { readonly type: "tracks"; readonly streamId: number; readonly tracks: readonly Track[] }
  | { readonly type: "stats"; readonly stats: WorkerStats }
  | { readonly type: "hls-wanted"; readonly streamId: number }
  | { readonly type: "stopped" };

export interface WorkerStats {
  readonly streams: readonly StreamStats[];
  readonly flushIntervalMs: number;
  readonly cpuShare: number;
  readonly connections: number;
}

export interface StreamStats {
  readonly streamId: number;
  readonly viewers: Readonly<Record<string, number>>;
  readonly skips: number;
  /** Only from the owner. */
  readonly owner?: OwnerStats;
}

export interface OwnerStats {
  readonly frames: number;
  readonly videoFrames: number;
  readonly bytes: number;
  readonly gopMs: number;
  readonly repaired: number;
  readonly segment: number;
  readonly discontinuity: number;
}

export interface WorkerData {
  readonly index: number;
  readonly workers: number;
  readonly config: Config;
  readonly ports: { readonly rtmp: readonly number[]; readonly http: readonly number[] };
  readonly host: string;
  readonly reusePort: boolean;
  readonly doorbells: SharedArrayBuffer;
  readonly heartbeats: SharedArrayBuffer;
  readonly budget: SharedArrayBuffer;
  readonly connections: SharedArrayBuffer;
  readonly entries: readonly StreamEntry[];
  /** Folder of the built pages; empty when there are none. */
  readonly webRoot: string;
  /** Plays are asked at the main thread too; without it every play is allowed where it arrives. */
  readonly asksForPlays: boolean;
}
