/** What the peer or the machine did wrong, as opposed to our own mistakes, which are `assert`s. */
export class MediaError extends Error {
  /** Stable, for programs: `stream-busy`, `too-long`, `format`. */
  readonly code: string;

  constructor(message: string, options: { code?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = options.code ?? "media";
  }
}

/** Right bytes at the wrong moment, or a request that is refused. */
export class ProtocolError extends MediaError {
  constructor(message: string, options: { code?: string; cause?: unknown } = {}) {
    super(message, { code: "protocol", ...options });
  }
}

/** A named limit was passed. */
export class LimitError extends MediaError {
  constructor(message: string, options: { code?: string; cause?: unknown } = {}) {
    super(message, { code: "limit", ...options });
  }
}

/** The peer ended the connection in an orderly way. */
export class PeerClosed extends MediaError {
  constructor(message = "peer closed the connection", options: { code?: string; cause?: unknown } = {}) {
    super(message, { code: "peer-closed", ...options });
  }
}

/** One line for a log or a peer: the message and those of its causes. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message}: ${describeError(error.cause)}`;
}
