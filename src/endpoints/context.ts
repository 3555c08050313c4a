import type { Logger } from "../base/logger.ts";
import type { Hub } from "../hub/hub.ts";

/** Waiting times of connections in ms. */
export interface EndpointTimeouts {
  /** From accepting a connection to a complete request head, RTMP handshake and connect. */
  readonly handshakeTimeoutMs: number;
  /** A publisher that sends nothing for so long is gone. */
  readonly publishIdleTimeoutMs: number;
  /** A request that is no publish must be complete by then. */
  readonly requestTimeoutMs: number;
}

/** What every endpoint is given. */
export interface EndpointContext extends EndpointTimeouts {
  readonly hub: Hub;
  readonly logger: Logger;
  readonly maxFrameBytes: number;
  /** Viewers get small packets at once. */
  readonly noDelay: boolean;
}
