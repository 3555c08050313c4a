import { describeError, MediaError } from "../../base/media-error.ts";

/** The other side said no. */
export class RefusedError extends MediaError {
  constructor(message: string, options: { cause?: unknown } = {}) {
    super(message, { code: "refused", ...options });
  }
}

/** A connection could not be made, or was lost. */
export class ConnectionError extends MediaError {
  constructor(message: string, options: { cause?: unknown } = {}) {
    super(message, { code: "connection", ...options });
  }
}

/** What a socket says, in words: Node's error for a name with several addresses has no message of its own. */
export function socketReason(error: unknown): string {
  if (error instanceof AggregateError) return socketReason(error.errors[0]);
  return describeError(error);
}

/** `cannot connect to rtmp://…: connect ECONNREFUSED 127.0.0.1:1935`; errors of ours stay as they are. */
export function connectError(shown: string, error: unknown): MediaError {
  return error instanceof MediaError ? error : new ConnectionError(`cannot connect to ${shown}: ${socketReason(error)}`);
}

/** `lost rtmp://…: read ECONNRESET`; errors of ours stay as they are. */
export function lostError(shown: string, error: unknown): MediaError {
  if (error instanceof MediaError) return error;
  return new ConnectionError(`lost ${shown}: ${error === undefined ? "the peer closed the connection" : socketReason(error)}`);
}

/** The server has no time now: as good as no answer. Request Timeout, Too Early, Too Many Requests. */
const BUSY_STATUS: ReadonlySet<number> = new Set([408, 425, 429]);

/** The error for an HTTP answer that is none of success; `reason` is what its body said. */
export function statusError(shown: string, status: number, reason: string): MediaError {
  const message = `${shown}: ${status}${reason === "" ? "" : ` ${reason}`}`;
  const isRefusal = status >= 400 && status < 500 && !BUSY_STATUS.has(status);
  return isRefusal ? new RefusedError(message) : new ConnectionError(message);
}
