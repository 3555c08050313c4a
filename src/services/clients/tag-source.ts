import type { FlvTag } from "../../containers/flv/flv-tag.ts";
import type { ConnectOptions } from "./tag-publisher.ts";

export interface SourceOptions extends ConnectOptions {
  /** A stream that brings nothing for this long is over. */
  readonly idleTimeoutMs?: number;
}

export const IDLE_TIMEOUT_MS = 20_000;

/**
 * The tags of a live stream. Tags own their data. Reads only as fast as it is asked. Ends when the stream ends or `signal` aborts;
 * throws RefusedError, ConnectionError or another MediaError.
 */
export type TagSource = AsyncGenerator<FlvTag, void, undefined>;
