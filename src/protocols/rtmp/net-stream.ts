import { LimitError, ProtocolError } from "../../base/media-error.ts";

/** Streams that exist at one time on one connection; players and encoders use one or two. */
export const MAX_NET_STREAMS = 16;

/**
 * idle → deciding-publish → publishing → idle, and the same for play. A stream that the peer closes while a decision about it is open is
 * retired: a late answer must never let in something else that was asked for on the same id meanwhile.
 */
export type NetStreamState = "idle" | "deciding-publish" | "publishing" | "deciding-play" | "playing" | "retired";

/** A stream of the peer's making, RTMP 1.0 §7.2.1.3. */
export interface NetStream {
  /** Its message stream id: 1 and up, none twice on one connection. */
  readonly id: number;
  state: NetStreamState;
  /** What is published or played on it. */
  name: string;
}

/** The streams of one connection. */
export class NetStreams {
  readonly #streams = new Map<number, NetStream>();
  #lastId = 0;

  /** `createStream`. */
  create(): NetStream {
    if (this.#streams.size >= MAX_NET_STREAMS)
      throw new LimitError(`rtmp: more than ${MAX_NET_STREAMS} streams on one connection`);
    const stream: NetStream = { id: ++this.#lastId, state: "idle", name: "" };
    this.#streams.set(stream.id, stream);
    return stream;
  }

  find(id: number): NetStream | undefined {
    return this.#streams.get(id);
  }

  /** The stream that a command is for. */
  get(id: number, command: string): NetStream {
    const stream = this.#streams.get(id);
    if (!stream) throw new ProtocolError(`rtmp: ${command} on stream ${id}, which was not created`);
    return stream;
  }

  /** The stream when it is in `state`: for answers that may come after the peer has gone on. */
  inState(id: number, state: NetStreamState): NetStream | undefined {
    const stream = this.#streams.get(id);
    return stream?.state === state ? stream : undefined;
  }

  published(name: string): NetStream | undefined {
    for (const stream of this.#streams.values())
      if (stream.name === name && (stream.state === "publishing" || stream.state === "deciding-publish")) return stream;
    return undefined;
  }

  delete(id: number): void {
    this.#streams.delete(id);
  }
}
