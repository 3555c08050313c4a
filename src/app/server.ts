import { availableParallelism } from "node:os";
import { join } from "node:path";
import type { Logger } from "../base/logger.ts";
import { MediaError } from "../base/media-error.ts";
import { wallClockMs } from "../endpoints/wall-clock.ts";
import type { Authorize } from "../hub/admission.ts";
import { MemoryBudget } from "../hub/memory-budget.ts";
import type { StreamKey } from "../hub/stream-key.ts";
import { Doorbells } from "../hub/stream-state.ts";
import type { Config } from "./config.ts";
import { ConnectionLimits } from "./connection-limits.ts";
import { Directory, errorMessage } from "./directory.ts";
import { claimPorts, supportsReusePort } from "./listen.ts";
import { createLogger } from "./logger.ts";
import type { StreamList } from "./public-api.ts";
import type { StreamReport } from "./stream-report.ts";
import type { FromWorker, WorkerData, WorkerRequest } from "./threads/messages.ts";
import { Supervisor } from "./threads/supervisor.ts";
import { VERSION } from "./version.ts";

export interface ServerOptions {
  /** Decides on every publish and play; all are allowed without it. */
  readonly authorize?: Authorize;
  readonly logger?: Logger;
}

/** A running server. */
export interface Server {
  readonly ports: { readonly rtmp: readonly number[]; readonly http: readonly number[] };
  readonly workers: number;
  streams(): readonly StreamReport[];
  /** Closes the listeners, tells players and publishers, and ends within five seconds. May be called twice. */
  close(): Promise<void>;
  /** Breaks a media worker on purpose, for tests of what happens then. */
  injectFault(worker: number, fault: "throw" | "hang-3s" | "hang-15s" | "out-of-memory"): void;
  /** The worker that owns a stream and the one that its publisher is connected to. */
  placeOf(key: StreamKey): { owner: number; publisher: number | undefined } | undefined;
}

const STOP_TIMEOUT_MS = 3_500;
const WEB_ROOT = join(import.meta.dirname, "../../web/dist");

/** Starts a server. Rejects with a MediaError when a port is taken, before anything is half started. */
export async function createServer(config: Config, options: ServerOptions = {}): Promise<Server> {
  const canShare = await supportsReusePort();
  if (!canShare && config.workers > 1) {
    throw new MediaError("this system cannot share a port between threads: set workers to 1", { code: "no-reuse-port" });
  }
  const workers = config.workers || (canShare ? availableParallelism() : 1);
  const server = new SluiceServer(config, options, { workers, reusePort: canShare });
  await server.start();
  return server;
}

class SluiceServer implements Server {
  ports: { rtmp: readonly number[]; http: readonly number[] } = { rtmp: [], http: [] };
  readonly workers: number;
  readonly #config: Config;
  readonly #options: ServerOptions;
  readonly #logger: Logger;
  readonly #directory: Directory;
  readonly #supervisor: Supervisor;
  readonly #requests = new Map<string, AbortController>();
  readonly #startedAt = Math.round(wallClockMs());
  readonly #doorbells: SharedArrayBuffer;
  readonly #heartbeats: SharedArrayBuffer;
  readonly #budget: SharedArrayBuffer;
  readonly #connections: SharedArrayBuffer;
  #host = "";
  readonly #reusePort: boolean;
  #closing: Promise<void> | undefined;

  constructor(config: Config, options: ServerOptions, threads: { workers: number; reusePort: boolean }) {
    this.#config = config;
    this.#options = options;
    this.#logger = options.logger ?? createLogger(config.logLevel);
    this.workers = threads.workers;
    this.#reusePort = threads.reusePort;
    this.#doorbells = Doorbells.share(this.workers);
    this.#heartbeats = new SharedArrayBuffer(8 * this.workers);
    this.#connections = ConnectionLimits.share(this.workers);
    this.#budget = MemoryBudget.share(this.workers);
    this.#directory = new Directory({
      ...config.limits,
      authorize: options.authorize ?? (async () => ({ allow: true })),
      logger: this.#logger,
      send: (worker, message) => this.#supervisor.send(worker, message),
      settled: () => this.#supervisor.settled(),
      workers: () => this.#supervisor.indexes,
      now: () => Math.round(wallClockMs()),
    });
    this.#supervisor = new Supervisor({
      workers: this.workers,
      logger: this.#logger,
      heartbeats: this.#heartbeats,
      workerData: (index) => this.#workerData(index),
      onMessage: (worker, message) => this.#receive(worker, message),
      onDied: (worker) => this.#workerDied(worker),
    });
  }

  async start(): Promise<void> {
    const { host, rtmp, http } = this.#config;
    const rtmpPorts = await claimPorts(host, rtmp, "RTMP");
    const httpPorts = await claimPorts(rtmpPorts.host, http, "HTTP");
    this.#host = httpPorts.host;
    this.ports = { rtmp: rtmpPorts.ports, http: httpPorts.ports };
    try {
      await this.#supervisor.start();
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  streams(): readonly StreamReport[] {
    return this.#directory.reports();
  }

  placeOf(key: StreamKey): { owner: number; publisher: number | undefined } | undefined {
    return this.#directory.placeOf(key);
  }

  injectFault(worker: number, fault: "throw" | "hang-3s" | "hang-15s" | "out-of-memory"): void {
    this.#supervisor.send(worker, { type: "fault", fault });
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    for (const controller of this.#requests.values()) controller.abort();
    this.#directory.close("server stopping");
    await this.#supervisor.stop(STOP_TIMEOUT_MS);
  }

  #workerData(index: number): WorkerData {
    return {
      index,
      workers: this.workers,
      config: this.#config,
      ports: this.ports,
      host: this.#host,
      reusePort: this.#reusePort,
      doorbells: this.#doorbells,
      heartbeats: this.#heartbeats,
      budget: this.#budget,
      connections: this.#connections,
      entries: this.#directory.entries,
      webRoot: WEB_ROOT,
      asksForPlays: this.#options.authorize !== undefined,
    };
  }

  #workerDied(worker: number): void {
    new ConnectionLimits(this.#connections, this.workers, { maxConnections: 0, maxPerIp: 0 }).reset(worker);
    MemoryBudget.reset(this.#budget, worker);
    for (const [id, controller] of this.#requests) if (id.startsWith(`${worker}/`)) controller.abort();
    this.#directory.workerDied(worker);
  }

  #receive(worker: number, message: FromWorker): void {
    switch (message.type) {
      case "request":
        void this.#answer(worker, message.id, message.request);
        break;
      case "cancel":
        this.#requests.get(`${worker}/${message.id}`)?.abort();
        break;
      case "unpublish":
        this.#directory.unpublish(message.inputId, message.reason);
        break;
      case "input":
        this.#directory.openInput(message.streamId, message.input);
        break;
      case "input-replaced":
        this.#directory.replaceInput(message.streamId, message.inputId, message.log);
        break;
      case "replaced":
        this.#directory.replaceLog(message.streamId, message.log);
        break;
      case "tracks":
        this.#directory.setTracks(message.streamId, message.tracks);
        break;
      case "hls-wanted":
        this.#directory.wantHls(message.streamId);
        break;
      case "stats":
        this.#directory.updateStats(worker, message.stats);
        break;
    }
  }

  async #answer(worker: number, id: number, request: WorkerRequest): Promise<void> {
    const controller = new AbortController();
    const name = `${worker}/${id}`;
    this.#requests.set(name, controller);
    try {
      const value = await this.#decide(worker, request, controller.signal);
      this.#supervisor.send(worker, { type: "reply", id, value });
    } catch (error) {
      const message = errorMessage(error);
      if (message.code === "internal") this.#logger.error({ reason: message.message }, "request failed");
      this.#supervisor.send(worker, { type: "reply", id, error: message });
    } finally {
      this.#requests.delete(name);
    }
  }

  #decide(worker: number, request: WorkerRequest, signal: AbortSignal): unknown {
    if (request.kind === "publish") return this.#directory.publish(worker, request.request, signal);
    if (request.kind === "find") return this.#directory.find(request.request, signal);
    const server = { version: VERSION, startedAt: this.#startedAt, rtmpPort: this.ports.rtmp[0] ?? null };
    const list: StreamList = { server, streams: this.streams() };
    return list;
  }
}
