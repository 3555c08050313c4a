import type { Format } from "../media/muxer.ts";
import type { Cursor, EndReason, Sink } from "./cursor.ts";
import type { Flusher } from "./flusher.ts";
import type { SharedLog } from "./frame-log.ts";
import { type JoinPoint, Rendition, type RenditionOptions } from "./rendition.ts";
import type { SlabPool } from "./slab-pool.ts";
import type { StreamKey } from "./stream-key.ts";

/** Reads a stream's frame log besides the renditions: a segmenter, a recorder. */
export interface LogConsumer {
  /** There may be new entries. */
  pull(): void;
  replaceLog(log: SharedLog): void;
  /** The stream has ended, or this thread leaves it. */
  close(): void;
}

export interface StreamOptions {
  readonly key: StreamKey;
  /** Grows each time the name is published anew after it had ended; part of URLs, so that they never change their bytes. */
  readonly epoch: number;
  readonly log: SharedLog;
  readonly flusher: Flusher;
  readonly pool: SlabPool;
  readonly rendition: RenditionOptions;
  now(): number;
  /** Called when the first reader comes and after the last one left: the owner wakes this thread only in between. */
  onInterest(wanted: boolean): void;
}

export interface ViewRequest {
  readonly format: Format;
  readonly sink: Sink;
  /** Named in statistics. */
  readonly protocol: string;
  /** Where it begins; with the newest GOP unless said otherwise. */
  readonly from?: JoinPoint;
}

/** How long a rendition without viewers is kept for the next one. */
const RENDITION_LINGER_MS = 5_000;

/** A live stream as one thread sees it: its log, its renditions, its viewers. */
export class Stream {
  readonly key: StreamKey;
  readonly epoch: number;
  readonly #options: StreamOptions;
  readonly #renditions = new Map<string, Rendition>();
  readonly #emptySince = new Map<Rendition, number>();
  readonly #viewers = new Map<string, number>();
  readonly #consumers = new Set<LogConsumer>();
  #log: SharedLog;
  #isWanted = false;
  #endReason: EndReason | undefined;

  constructor(options: StreamOptions) {
    this.key = options.key;
    this.epoch = options.epoch;
    this.#options = options;
    this.#log = options.log;
  }

  get log(): SharedLog {
    return this.#log;
  }

  get isEnded(): boolean {
    return this.#endReason !== undefined;
  }

  get renditions(): Iterable<Rendition> {
    return this.#renditions.values();
  }

  replaceLog(log: SharedLog): void {
    this.#log = log;
    for (const rendition of this.#renditions.values()) rendition.replaceLog(log);
    for (const consumer of this.#consumers) consumer.replaceLog(log);
    this.wake();
  }

  /** Adds a viewer of a format. It gets its first bytes before this returns, if the stream has any. */
  view(request: ViewRequest): Cursor {
    const { format, sink, protocol, from } = request;
    const rendition = this.#rendition(format);
    this.#emptySince.delete(rendition);
    this.count(protocol, 1);
    const cursor = rendition.join(sink, protocol, this.#left, from);
    rendition.advance(cursor, this.#options.now());
    return cursor;
  }

  readonly #left = (cursor: Cursor): void => this.count(cursor.protocol, -1);

  /** Viewers of this thread by protocol. */
  get viewers(): ReadonlyMap<string, number> {
    return this.#viewers;
  }

  /** For protocols whose viewers are no cursors (HLS). */
  count(protocol: string, change: number): void {
    this.#viewers.set(protocol, (this.#viewers.get(protocol) ?? 0) + change);
  }

  consume(consumer: LogConsumer): void {
    this.#consumers.add(consumer);
    this.#updateInterest();
    consumer.pull();
  }

  release(consumer: LogConsumer): void {
    if (!this.#consumers.delete(consumer)) return;
    consumer.close();
    this.#updateInterest();
  }

  /** There are new frames in the log. */
  wake(): void {
    for (const rendition of this.#renditions.values()) this.#options.flusher.wake(rendition);
    for (const consumer of this.#consumers) consumer.pull();
  }

  /** Drops renditions that nobody has watched for a while. Called about once a second. */
  sweep(nowMs: number): void {
    for (const [name, rendition] of this.#renditions) {
      if (rendition.viewers > 0) {
        this.#emptySince.delete(rendition);
        continue;
      }
      const since = this.#emptySince.get(rendition) ?? nowMs;
      this.#emptySince.set(rendition, since);
      if (nowMs - since >= RENDITION_LINGER_MS) this.#drop(name, rendition);
    }
  }

  /** Ends all viewers and readers. May be called twice. */
  end(reason: EndReason): void {
    if (this.#endReason) return;
    this.#endReason = reason;
    for (const [name, rendition] of this.#renditions) {
      rendition.close(reason, this.#options.now());
      this.#drop(name, rendition);
    }
    for (const consumer of [...this.#consumers]) this.release(consumer);
  }

  #rendition(format: Format): Rendition {
    const known = this.#renditions.get(format.name);
    if (known) return known;
    const { pool, rendition: options, flusher } = this.#options;
    const rendition = new Rendition(format, this.#log, pool, options);
    this.#renditions.set(format.name, rendition);
    flusher.add(rendition);
    this.#updateInterest();
    return rendition;
  }

  #drop(name: string, rendition: Rendition): void {
    this.#renditions.delete(name);
    this.#emptySince.delete(rendition);
    this.#options.flusher.remove(rendition);
    if (!this.#endReason) rendition.slabs.close();
    this.#updateInterest();
  }

  #updateInterest(): void {
    const wanted = this.#renditions.size > 0 || this.#consumers.size > 0;
    if (wanted === this.#isWanted) return;
    this.#isWanted = wanted;
    this.#options.onInterest(wanted);
  }
}
