import type { FlvTag } from "../../containers/flv/flv-tag.ts";

export interface ConnectOptions {
  /** Ends the attempt, and the connection too. */
  readonly signal: AbortSignal;
  /** From the first packet until the server lets us in. */
  readonly connectTimeoutMs?: number;
}

export const CONNECT_TIMEOUT_MS = 10_000;
/** How long the other side may take to say that it has everything. */
export const END_TIMEOUT_MS = 5_000;
/** Above this the sender waits for the transport. */
export const MAX_UNSENT_BYTES = 256 * 1024;

/** One connection that publishes a stream. */
export interface TagPublisher {
  /**
   * Sends one tag, whose data is not kept. Gives a promise when the transport is full: the next tag is to wait for it. Nothing is sent
   * after the connection is lost.
   */
  send(tag: FlvTag): Promise<void> | undefined;
  /** Says that this was all, and waits for the other side to have it. Rejects when the connection was lost, or with its refusal. */
  end(): Promise<void>;
  /** Drops the connection now. May be called at any time, and twice. */
  abort(): void;
  /** Resolves with the reason when the connection is lost or refused before `end` or `abort`; never rejects. */
  readonly lost: Promise<Error>;
  /** Bytes handed to the transport. */
  readonly sentBytes: number;
}
