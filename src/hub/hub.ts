import type { MediaSink } from "../media/frame.ts";
import type { Stream } from "./stream.ts";
import type { StreamKey } from "./stream-key.ts";

/** Who asks for what; the same for every protocol. */
export interface StreamRequest {
  readonly app: string;
  readonly name: string;
  /** The query string of the URL, without `?`. */
  readonly query: string;
  /** `rtmp`, `http-flv`, `ws-flv`, `ts`, `ws-ts`, `hls`, `demo`. */
  readonly protocol: string;
  readonly remoteAddress: string;
  /** A viewer that does not wait for a publisher, whatever is configured. */
  readonly isImpatient?: boolean;
}

/** The right to feed a stream. */
export interface Publication {
  readonly key: StreamKey;
  readonly sink: MediaSink;
  /** Aborts when the publisher must stop: taken over, kicked, server stopping. The reason is an Error with words for the peer. */
  readonly revoked: AbortSignal;
  /** The publisher is gone. Viewers wait for the next one within the grace period. */
  end(reason: string): void;
}

/** What endpoints need of the server: publish one, view many. Both pass the admission seam. */
export interface Hub {
  /** Throws ProtocolError with code `bad-name`, `stream-busy`, `refused` or `aborted`, or LimitError. */
  publish(request: StreamRequest, signal: AbortSignal): Promise<Publication>;
  /**
   * Finds a stream to view, waiting for its publisher as long as configured. Throws ProtocolError with code `bad-name`, `not-found`,
   * `refused` or `aborted`, or LimitError with code `overloaded`. `leaving` gives a signal that aborts when the peer leaves; it is
   * asked for only when there is something to wait for: most viewers need none.
   */
  find(request: StreamRequest, leaving: () => AbortSignal): Promise<Stream>;
}
