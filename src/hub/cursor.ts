import type { Prologue } from "../media/prologue.ts";
import type { Slab } from "./slab-log.ts";

/** Where the bytes of one viewer go. Bytes are shared: never written to, never kept beyond the write. */
export interface Sink {
  /** Bytes that were handed over and have not reached the kernel. More is written only at 0. */
  readonly pendingBytes: number;
  write(bytes: Uint8Array): void;
  /** No more comes; says why, as far as the protocol can. */
  end(reason: EndReason): void;
}

export type EndReason = "stream ended" | "too slow" | "server stopping" | "kicked" | "peer left" | "overloaded";

/** What a cursor belongs to: its rendition. */
export interface CursorHost {
  /** Takes the cursor out; called once, when it ends. */
  remove(cursor: Cursor): void;
  pause(cursor: Cursor): void;
  resume(cursor: Cursor): void;
}

/** One viewer's place in a rendition. */
export class Cursor implements Disposable {
  readonly sink: Sink;
  readonly rendition: CursorHost;
  /** Media time in ms that was skipped because the viewer was too slow, and how often. */
  skippedMs = 0;
  skips = 0;
  bytesSent = 0;
  /** Where the phase list of the rendition has it. */
  phase = 0;
  index = 0;
  /** Absolute position in the rendition's byte log; −1 while it waits for a GOP to begin. */
  position = -1;
  /** It joins at a GOP that begins with this sequence number or later. */
  joinFrom = 0;
  /** What it was told at its start or last skip. */
  told: Prologue | undefined;
  isPaused = false;
  blockedSinceMs = 0;
  pinned: Slab | undefined;
  /** Named in statistics. */
  readonly protocol: string;
  #onEnd: ((cursor: Cursor) => void) | undefined;

  /** `onEnd` is one function for all cursors of a stream, so that none needs a closure of its own. */
  constructor(rendition: CursorHost, sink: Sink, protocol: string, onEnd: (cursor: Cursor) => void) {
    this.rendition = rendition;
    this.sink = sink;
    this.protocol = protocol;
    this.#onEnd = onEnd;
  }

  /** Ends the viewer: tells the sink and whoever waits. May be called twice. */
  end(reason: EndReason): void {
    const onEnd = this.#onEnd;
    if (!onEnd) return;
    this.#onEnd = undefined;
    this.rendition.remove(this);
    if (reason !== "peer left") this.sink.end(reason);
    onEnd(this);
  }

  [Symbol.dispose](): void {
    this.end("peer left");
  }
}
