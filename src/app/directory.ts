import type { Logger } from "../base/logger.ts";
import { LimitError, MediaError, ProtocolError } from "../base/media-error.ts";
import { type Authorize, admit } from "../hub/admission.ts";
import type { EndReason } from "../hub/cursor.ts";
import type { SharedLog } from "../hub/frame-log.ts";
import { emptyLog } from "../hub/frame-log-writer.ts";
import type { StreamRequest } from "../hub/hub.ts";
import { formatKey, type StreamKey, streamKey } from "../hub/stream-key.ts";
import { StreamState } from "../hub/stream-state.ts";
import type { Track } from "../media/track.ts";
import { SegmentMemory } from "./segment-memory.ts";
import { StreamMeter, type StreamReport } from "./stream-report.ts";
import type { PublishGrant, RemoteInput, StreamEntry, ToWorker, WorkerStats } from "./threads/messages.ts";

/** Streams that may exist at the same time. */
const MAX_STREAMS = 100_000;

export interface DirectoryOptions {
  readonly publisherGraceMs: number;
  readonly waitForPublishMs: number;
  readonly authorizeTimeoutMs: number;
  readonly takeover: "refuse" | "takeover";
  readonly authorize: Authorize;
  readonly logger: Logger;
  /** Sends to one worker; a message to a worker that is gone is lost. */
  send(worker: number, message: ToWorker): void;
  /** Resolves once all running workers have handled everything sent to them before. */
  settled(): Promise<void>;
  /** Indexes of the workers that run. */
  workers(): readonly number[];
  /** Wall clock in ms. */
  now(): number;
}

interface Publisher {
  readonly inputId: number;
  readonly worker: number;
  readonly protocol: string;
  readonly remoteAddress: string;
  readonly since: number;
  /** Set while its frames reach the owner through an input log. */
  input: RemoteInput | undefined;
}

interface StreamRecord {
  readonly id: number;
  readonly key: StreamKey;
  entry: StreamEntry;
  readonly startedAt: number;
  readonly meter: StreamMeter;
  publisher: Publisher | undefined;
  graceTimer: NodeJS.Timeout | undefined;
}

/** Which streams exist, who publishes and who owns them. On the main thread, so claims of a name are atomic. */
export class Directory {
  readonly #options: DirectoryOptions;
  readonly #streams = new Map<string, StreamRecord>();
  readonly #byId = new Map<number, StreamRecord>();
  readonly #byInput = new Map<number, StreamRecord>();
  readonly #waiting = new Map<string, Set<() => void>>();
  readonly #memory = new SegmentMemory();
  #nextStreamId = 1;
  #nextInputId = 1;
  #lastEpoch = 0;

  constructor(options: DirectoryOptions) {
    this.#options = options;
  }

  get entries(): StreamEntry[] {
    return [...this.#byId.values()].map((record) => record.entry);
  }

  /** Where a stream is written and published. */
  placeOf(key: StreamKey): { owner: number; publisher: number | undefined } | undefined {
    const record = this.#streams.get(formatKey(key));
    return record && { owner: record.entry.owner, publisher: record.publisher?.worker };
  }

  reports(): StreamReport[] {
    return [...this.#byId.values()].map(({ meter, key, startedAt, publisher }) =>
      meter.report(key, startedAt, publisher ? { protocol: publisher.protocol, since: publisher.since } : null),
    );
  }

  /** Claims a name for a publisher on `worker`. Throws ProtocolError `bad-name`, `refused`, `stream-busy` or `aborted`. */
  async publish(worker: number, request: StreamRequest, signal: AbortSignal): Promise<PublishGrant> {
    const key = streamKey(request.app, request.name);
    this.#refuseWhenBusy(key);
    await admit(this.#options.authorize, { ...request, action: "publish" }, this.#options.authorizeTimeoutMs, signal);
    this.#refuseWhenBusy(key);
    const record = this.#streams.get(formatKey(key)) ?? this.#create(key, worker);
    this.#supersede(record);
    const publisher = this.#claim(record, worker, request);
    await this.#wakeWaiting(key);
    await this.#options.settled();
    if (record.publisher !== publisher)
      throw new ProtocolError("another publisher took the stream over", { code: "stream-busy" });
    if (signal.aborted) {
      this.unpublish(publisher.inputId, "the peer left");
      throw new ProtocolError("the peer left", { code: "aborted" });
    }
    return { streamId: record.id, inputId: publisher.inputId, owner: record.entry.owner };
  }

  /** Finds a stream for a viewer, waiting for it as long as configured. Gives the stream's id. */
  async find(request: StreamRequest, signal: AbortSignal): Promise<number> {
    const key = streamKey(request.app, request.name);
    await admit(this.#options.authorize, { ...request, action: "play" }, this.#options.authorizeTimeoutMs, signal);
    const mayWait = this.#options.waitForPublishMs > 0 && !request.isImpatient;
    if (!this.#streams.has(formatKey(key)) && mayWait) await this.#waitFor(key, signal);
    const record = this.#streams.get(formatKey(key));
    if (!record) throw new ProtocolError(`there is no stream ${formatKey(key)}`, { code: "not-found" });
    return record.id;
  }

  /** A publisher is gone: viewers wait for the next one within the grace period. */
  unpublish(inputId: number, reason: string): void {
    const record = this.#byInput.get(inputId);
    const publisher = record?.publisher;
    if (!record || publisher?.inputId !== inputId) return;
    this.#byInput.delete(inputId);
    record.publisher = undefined;
    this.#options.send(record.entry.owner, { type: "input-ended", streamId: record.id, inputId });
    const { publisherGraceMs, logger } = this.#options;
    logger.info({ stream: formatKey(record.key), reason, graceMs: publisherGraceMs }, "publisher left");
    record.graceTimer = setTimeout(
      () => this.#end(record, "stream ended", `no publisher came within ${publisherGraceMs} ms`),
      publisherGraceMs,
    );
  }

  /** A publisher's worker has made the log through which its frames go to the owner. */
  openInput(streamId: number, input: RemoteInput): void {
    const record = this.#byId.get(streamId);
    if (record?.publisher?.inputId !== input.inputId) return;
    record.publisher.input = input;
    this.#options.send(record.entry.owner, { type: "input", streamId, input });
  }

  replaceInput(streamId: number, inputId: number, log: SharedLog): void {
    const record = this.#byId.get(streamId);
    const input = record?.publisher?.input;
    if (!record?.publisher || input?.inputId !== inputId) return;
    record.publisher.input = { ...input, log };
    this.#options.send(record.entry.owner, { type: "input-replaced", streamId, inputId, log });
  }

  /** The owner moved the stream's log to larger memory. */
  replaceLog(streamId: number, log: SharedLog): void {
    const record = this.#byId.get(streamId);
    if (!record) return;
    record.entry = { ...record.entry, log };
    this.#broadcast({ type: "replaced", streamId, log });
  }

  setTracks(streamId: number, tracks: readonly Track[]): void {
    this.#byId.get(streamId)?.meter.setTracks(tracks);
  }

  /** Some worker serves HLS of the stream: all make segments, so that any of them can answer. */
  wantHls(streamId: number): void {
    const record = this.#byId.get(streamId);
    if (!record) return;
    this.#broadcast({ type: "hls-wanted", streamId });
  }

  updateStats(worker: number, stats: WorkerStats): void {
    const now = this.#options.now();
    for (const stream of stats.streams) {
      const record = this.#byId.get(stream.streamId);
      record?.meter.update(worker, stream, now);
      if (record && stream.owner) this.#memory.set(record.key, stream.owner);
    }
  }

  /** A worker died: its publishers are gone, and its streams get another owner. */
  workerDied(worker: number): void {
    for (const record of [...this.#byId.values()]) {
      record.meter.forgetWorker(worker);
      if (record.publisher?.worker === worker) this.unpublish(record.publisher.inputId, "its worker died");
      if (record.entry.owner === worker) this.#reassign(record);
    }
  }

  /** Ends all streams. */
  close(reason: EndReason): void {
    for (const record of [...this.#byId.values()]) this.#end(record, reason);
  }

  #refuseWhenBusy(key: StreamKey): void {
    const publisher = this.#streams.get(formatKey(key))?.publisher;
    if (!publisher || this.#options.takeover === "takeover") return;
    throw new ProtocolError(`${formatKey(key)} is being published already (by ${publisher.protocol})`, { code: "stream-busy" });
  }

  #create(key: StreamKey, owner: number): StreamRecord {
    if (this.#byId.size >= MAX_STREAMS) throw new LimitError(`there are ${MAX_STREAMS} streams already`, { code: "overloaded" });
    const now = this.#options.now();
    this.#lastEpoch = Math.max(this.#lastEpoch + 1, now);
    const first = this.#memory.next(key);
    const entry: StreamEntry = {
      id: this.#nextStreamId++,
      key,
      epoch: this.#lastEpoch,
      owner,
      log: emptyLog(),
      state: StreamState.share(),
      firstSegment: first.segment,
      firstDiscontinuity: first.discontinuity,
    };
    const meter = new StreamMeter();
    const record: StreamRecord = {
      id: entry.id,
      key,
      entry,
      startedAt: now,
      meter,
      publisher: undefined,
      graceTimer: undefined,
    };
    this.#streams.set(formatKey(key), record);
    this.#byId.set(record.id, record);
    this.#broadcast({ type: "stream", entry });
    return record;
  }

  #supersede(record: StreamRecord): void {
    clearTimeout(record.graceTimer);
    record.graceTimer = undefined;
    const old = record.publisher;
    if (!old) return;
    this.#options.logger.info({ stream: formatKey(record.key), was: old.protocol }, "another publisher takes over");
    this.#byInput.delete(old.inputId);
    record.publisher = undefined;
    this.#options.send(old.worker, { type: "revoke", inputId: old.inputId, reason: "another publisher took the stream over" });
    this.#options.send(record.entry.owner, { type: "input-ended", streamId: record.id, inputId: old.inputId });
  }

  #claim(record: StreamRecord, worker: number, request: StreamRequest): Publisher {
    const { protocol, remoteAddress } = request;
    const since = this.#options.now();
    const publisher: Publisher = { inputId: this.#nextInputId++, worker, protocol, remoteAddress, since, input: undefined };
    record.publisher = publisher;
    this.#byInput.set(publisher.inputId, record);
    const fields = { stream: formatKey(record.key), protocol, from: remoteAddress, worker, owner: record.entry.owner };
    this.#options.logger.info(fields, "publishing");
    return publisher;
  }

  /** The publisher's own worker is the best owner: its frames need no second log. */
  #reassign(record: StreamRecord): void {
    const running = this.#options.workers();
    const owner = record.publisher && running.includes(record.publisher.worker) ? record.publisher.worker : running[0];
    if (owner === undefined) {
      this.#end(record, "stream ended");
      return;
    }
    record.entry = { ...record.entry, owner };
    const input = record.publisher?.input;
    this.#broadcast({ type: "owner", streamId: record.id, owner });
    this.#options.send(owner, input ? { type: "own", streamId: record.id, input } : { type: "own", streamId: record.id });
    this.#options.logger.warn({ stream: formatKey(record.key), owner }, "the stream's worker died, another one goes on");
  }

  /** Ends a stream: `reason` is for its viewers, `why` for the log. */
  #end(record: StreamRecord, reason: EndReason, why: string = reason): void {
    clearTimeout(record.graceTimer);
    this.#streams.delete(formatKey(record.key));
    this.#byId.delete(record.id);
    if (record.publisher) this.#byInput.delete(record.publisher.inputId);
    this.#broadcast({ type: "ended", streamId: record.id, reason });
    this.#options.logger.info({ stream: formatKey(record.key), reason: why }, "stream ended");
  }

  #broadcast(message: ToWorker): void {
    for (const worker of this.#options.workers()) this.#options.send(worker, message);
  }

  async #waitFor(key: StreamKey, signal: AbortSignal): Promise<void> {
    const name = formatKey(key);
    const { promise, resolve } = Promise.withResolvers<void>();
    const waiting = this.#waiting.get(name) ?? new Set();
    this.#waiting.set(name, waiting.add(resolve));
    const timer = setTimeout(resolve, this.#options.waitForPublishMs);
    signal.addEventListener("abort", () => resolve(), { once: true });
    await promise;
    clearTimeout(timer);
    waiting.delete(resolve);
    if (waiting.size === 0) this.#waiting.delete(name);
  }

  /** Answers viewers who wait for this name. They are told before the publisher, so that they miss none of its frames. */
  async #wakeWaiting(key: StreamKey): Promise<void> {
    const waiting = this.#waiting.get(formatKey(key));
    if (!waiting) return;
    for (const resolve of waiting) resolve();
    await new Promise((resolve) => setImmediate(resolve)); // their answers are sent now
  }
}

/** An error as it crosses threads. */
export function errorMessage(error: unknown): { code: string; message: string; isLimit: boolean } {
  if (error instanceof MediaError) return { code: error.code, message: error.message, isLimit: error instanceof LimitError };
  return { code: "internal", message: error instanceof Error ? error.message : String(error), isLimit: false };
}
