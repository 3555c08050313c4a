import { LimitError, ProtocolError } from "../../base/media-error.ts";
import type { EndReason } from "../../hub/cursor.ts";
import type { Flusher } from "../../hub/flusher.ts";
import type { Hub, Publication, StreamRequest } from "../../hub/hub.ts";
import { InputLogWriter } from "../../hub/input-log.ts";
import type { RenditionOptions } from "../../hub/rendition.ts";
import type { SlabPool } from "../../hub/slab-pool.ts";
import { Stream } from "../../hub/stream.ts";
import { formatKey, type StreamKey, streamKey } from "../../hub/stream-key.ts";
import type { Doorbells } from "../../hub/stream-state.ts";
import type { StreamWriterOptions } from "../../hub/stream-writer.ts";
import type { MediaSink } from "../../media/frame.ts";
import type { Config } from "../config.ts";
import type { LoadGauge } from "./load-gauge.ts";
import type { FromWorker, PublishGrant, RemoteInput, StreamEntry, ToWorker, WorkerStats } from "./messages.ts";
import type { Requests } from "./requests.ts";
import { WorkerStream } from "./worker-stream.ts";

export interface WorkerHubOptions {
  readonly worker: number;
  readonly config: Config;
  readonly doorbells: Doorbells;
  readonly flusher: Flusher;
  readonly pool: SlabPool;
  readonly rendition: RenditionOptions;
  readonly requests: Requests;
  readonly asksForPlays: boolean;
  readonly gauge: LoadGauge;
  send(message: FromWorker): void;
  now(): number;
}

interface LocalPublication {
  readonly streamId: number;
  readonly controller: AbortController;
}

/** The hub of one media worker: all streams as this thread sees them, and the publishers that this thread took. */
export class WorkerHub implements Hub {
  readonly #options: WorkerHubOptions;
  readonly #streams = new Map<number, WorkerStream>();
  readonly #byKey = new Map<string, WorkerStream>();
  /** Streams that other threads write for this one: read when the doorbell rings. */
  readonly #fed = new Set<WorkerStream>();
  readonly #publications = new Map<number, LocalPublication>();
  readonly #hlsListeners = new Set<(stream: Stream) => void>();

  constructor(options: WorkerHubOptions) {
    this.#options = options;
  }

  async publish(request: StreamRequest, signal: AbortSignal): Promise<Publication> {
    const dropped = (value: unknown) => this.#unpublish((value as PublishGrant).inputId, "the peer left");
    const grant = (await this.#options.requests.ask({ kind: "publish", request }, signal, dropped)) as PublishGrant;
    const stream = this.#streams.get(grant.streamId);
    if (!stream) throw new ProtocolError("the stream ended meanwhile", { code: "stream-busy" });
    const controller = new AbortController();
    this.#publications.set(grant.inputId, { streamId: grant.streamId, controller });
    const sink = stream.openLocal(grant.inputId) ?? this.#openRemote(stream, grant.inputId);
    return {
      key: stream.stream.key,
      sink,
      revoked: controller.signal,
      end: (reason) => this.#unpublish(grant.inputId, reason),
    };
  }

  async find(request: StreamRequest, leaving: () => AbortSignal): Promise<Stream> {
    const key = streamKey(request.app, request.name);
    if (this.#options.pool.budget.isExceeded) {
      throw new LimitError("the server's memory for viewers is used up", { code: "overloaded" });
    }
    if (this.#options.gauge.isFull) throw new LimitError("the server is at the limit of its processor", { code: "overloaded" });
    const known = this.#byKey.get(formatKey(key));
    if (known && !this.#options.asksForPlays) return known.stream;
    const id = (await this.#options.requests.ask({ kind: "find", request }, leaving())) as number;
    const found = this.#streams.get(id);
    if (!found) throw new ProtocolError(`there is no stream ${formatKey(key)}`, { code: "not-found" });
    return found.stream;
  }

  /** A stream that is known here, without asking anybody. */
  peek(key: StreamKey): Stream | undefined {
    return this.#byKey.get(formatKey(key))?.stream;
  }

  /** Calls `listener` for a stream of which some worker serves HLS. */
  onHlsWanted(listener: (stream: Stream) => void): void {
    this.#hlsListeners.add(listener);
  }

  /** Tells all workers to make HLS segments of this stream. */
  wantHls(stream: Stream): void {
    const known = this.#byKey.get(formatKey(stream.key));
    if (known) this.#options.send({ type: "hls-wanted", streamId: known.entry.id });
  }

  /** Looks at everything that other threads write: streams with viewers here, publishers elsewhere of streams owned here. */
  wake(): void {
    for (const stream of this.#fed) {
      stream.drain();
      stream.stream.wake();
    }
  }

  #updateFed(stream: WorkerStream): void {
    if (stream.isFed) this.#fed.add(stream);
    else this.#fed.delete(stream);
  }

  sweep(): void {
    const now = this.#options.now();
    for (const { stream } of this.#streams.values()) stream.sweep(now);
  }

  stats(connections: number): WorkerStats {
    const { flusher } = this.#options;
    const streams = [...this.#streams.values()].map((stream) => stream.stats());
    return { streams, flushIntervalMs: flusher.intervalMs, cpuShare: flusher.cpuShare, connections };
  }

  /** Takes a message of the main thread. */
  receive(message: ToWorker): void {
    switch (message.type) {
      case "stream":
        this.add(message.entry);
        break;
      case "own":
        this.#own(message.streamId, message.input);
        break;
      case "owner":
        this.#setOwner(message.streamId, message.owner);
        break;
      case "replaced":
        this.#streams.get(message.streamId)?.replaceLog(message.log);
        break;
      case "input":
        this.#openInput(message.streamId, message.input);
        break;
      case "input-replaced":
        this.#streams.get(message.streamId)?.replaceRemote(message.inputId, message.log);
        break;
      case "input-ended":
        this.#streams.get(message.streamId)?.endInput(message.inputId);
        break;
      case "revoke":
        this.#revoke(message.inputId, message.reason);
        break;
      case "ended":
        this.#end(message.streamId, message.reason);
        break;
      case "hls-wanted":
        this.#hlsWanted(message.streamId);
        break;
    }
  }

  add(entry: StreamEntry): void {
    const { worker, flusher, pool, rendition, now } = this.#options;
    const stream = new Stream({
      key: entry.key,
      epoch: entry.epoch,
      log: entry.log,
      flusher,
      pool,
      rendition,
      now,
      onInterest: (wanted) => {
        added.state.setInterest(worker, wanted);
        added.isWanted = wanted;
        this.#updateFed(added);
      },
    });
    const added = new WorkerStream(entry, stream, pool.budget);
    this.#streams.set(entry.id, added);
    this.#byKey.set(formatKey(entry.key), added);
    if (entry.owner === worker) added.own(this.#writerOptions(added));
  }

  /** Ends all viewers and publishers of this worker. */
  close(reason: EndReason): void {
    for (const inputId of [...this.#publications.keys()]) this.#revoke(inputId, reason);
    for (const id of [...this.#streams.keys()]) this.#end(id, reason);
  }

  #own(streamId: number, input: RemoteInput | undefined): void {
    const stream = this.#streams.get(streamId);
    if (!stream) return;
    stream.own(this.#writerOptions(stream), input);
    this.#updateFed(stream);
  }

  #openInput(streamId: number, input: RemoteInput): void {
    const stream = this.#streams.get(streamId);
    if (!stream) return;
    stream.openRemote(input);
    this.#updateFed(stream);
  }

  #setOwner(streamId: number, owner: number): void {
    const stream = this.#streams.get(streamId);
    if (stream) stream.entry = { ...stream.entry, owner };
  }

  #hlsWanted(streamId: number): void {
    const stream = this.#streams.get(streamId);
    if (stream) for (const listener of this.#hlsListeners) listener(stream.stream);
  }

  #openRemote(stream: WorkerStream, inputId: number): MediaSink {
    const streamId = stream.entry.id;
    const { config, doorbells, send } = this.#options;
    const writer = new InputLogWriter({
      maxFrameBytes: config.limits.maxFrameBytes,
      onAppended: () => doorbells.ring(stream.entry.owner),
      onReplaced: (log) => send({ type: "input-replaced", streamId, inputId, log }),
    });
    send({ type: "input", streamId, input: { inputId, log: writer.shared, consumed: new SharedArrayBuffer(4) } });
    return writer;
  }

  #writerOptions(stream: WorkerStream): StreamWriterOptions {
    const { config, doorbells, worker, send } = this.#options;
    const { entry, state } = stream;
    const ring = (other: number) => doorbells.ring(other);
    return {
      logWindowMs: config.limits.logWindowMs,
      maxFrameBytes: config.limits.maxFrameBytes,
      segmentMs: config.hls.segmentMs,
      firstSegment: entry.firstSegment,
      firstDiscontinuity: entry.firstDiscontinuity,
      onAppended: () => {
        state.forEachInterested(worker, ring);
        stream.stream.wake();
      },
      onReplaced: (log) => {
        stream.replaceLog(log);
        send({ type: "replaced", streamId: entry.id, log });
      },
      onPrologue: (prologue) => send({ type: "tracks", streamId: entry.id, tracks: prologue.tracks }),
      saveOffset: (offsetMs) => {
        state.offsetMs = offsetMs;
      },
    };
  }

  #unpublish(inputId: number, reason: string): void {
    const publication = this.#publications.get(inputId);
    this.#publications.delete(inputId);
    if (publication) this.#streams.get(publication.streamId)?.endInput(inputId);
    this.#options.send({ type: "unpublish", inputId, reason });
  }

  #revoke(inputId: number, reason: string): void {
    const publication = this.#publications.get(inputId);
    this.#publications.delete(inputId);
    const code = reason === "server stopping" ? "stopping" : "revoked";
    publication?.controller.abort(new ProtocolError(reason, { code }));
  }

  #end(streamId: number, reason: EndReason): void {
    const stream = this.#streams.get(streamId);
    if (!stream) return;
    this.#streams.delete(streamId);
    this.#fed.delete(stream);
    const name = formatKey(stream.entry.key);
    if (this.#byKey.get(name) === stream) this.#byKey.delete(name);
    stream.end(reason);
    for (const [inputId, publication] of [...this.#publications])
      if (publication.streamId === streamId) this.#revoke(inputId, reason);
  }
}
