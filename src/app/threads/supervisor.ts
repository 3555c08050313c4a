import { Worker } from "node:worker_threads";
import type { Logger } from "../../base/logger.ts";
import { describeError } from "../../base/media-error.ts";
import { wallClockMs } from "../../endpoints/wall-clock.ts";
import type { FromWorker, ToWorker, WorkerData } from "./messages.ts";

/** A worker this far behind is reported. */
const LATE_MS = 2_000;
/** A worker this far behind is replaced. */
const HUNG_MS = 10_000;
const WATCH_EVERY_MS = 500;
/** A worker that dies again at once is started again only after this. */
const RESTART_DELAY_MS = 250;
const SYNC_TIMEOUT_MS = 500;
/** JavaScript objects of one worker; media lies outside of this heap. */
const MAX_HEAP_MB = 1024;
/** Of these, for what lives briefly: the engine's standard would let a busy worker take 30 MB more for nothing. */
const MAX_YOUNG_MB = 12;

export interface SupervisorOptions {
  readonly workers: number;
  readonly logger: Logger;
  readonly heartbeats: SharedArrayBuffer;
  /** What a worker is started with, at this moment. */
  workerData(index: number): WorkerData;
  onMessage(worker: number, message: FromWorker): void;
  /** The worker is gone; another one takes its place. */
  onDied(worker: number): void;
}

interface Running {
  readonly worker: Worker;
  readonly listening: Promise<void>;
  isLate: boolean;
}

/** Starts the media workers, watches over them and replaces those that die or hang. */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #running = new Map<number, Running>();
  readonly #heartbeats: Float64Array;
  readonly #syncs = new Map<number, { left: Set<number>; resolve(): void }>();
  #watch: NodeJS.Timeout | undefined;
  #nextSync = 1;
  #isStopping = false;
  /** Workers that were replaced. */
  restarts = 0;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#heartbeats = new Float64Array(options.heartbeats);
  }

  /** Indexes of the workers that run. */
  get indexes(): readonly number[] {
    return [...this.#running.keys()];
  }

  /** Starts all workers; resolves when they listen, rejects when one cannot. */
  async start(): Promise<void> {
    const all = Array.from({ length: this.#options.workers }, (_, index) => this.#launch(index).listening);
    await Promise.all(all);
    this.#watch = setInterval(() => this.#check(), WATCH_EVERY_MS);
  }

  send(worker: number, message: ToWorker): void {
    this.#running.get(worker)?.worker.postMessage(message);
  }

  /** Resolves once every worker has handled what was sent to it before, or after a short time: one that hangs holds up nobody. */
  async settled(): Promise<void> {
    const ack = this.#nextSync++;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#syncs.set(ack, { left: new Set(this.#running.keys()), resolve });
    const timer = setTimeout(resolve, SYNC_TIMEOUT_MS);
    for (const index of this.#running.keys()) this.send(index, { type: "sync", ack });
    await promise;
    clearTimeout(timer);
    this.#syncs.delete(ack);
  }

  /** Lets the workers end in order; whoever has not by then is ended. */
  async stop(timeoutMs: number): Promise<void> {
    this.#isStopping = true;
    clearInterval(this.#watch);
    const ended = [...this.#running.values()].map(({ worker }) => new Promise((resolve) => worker.once("exit", resolve)));
    for (const index of this.#running.keys()) this.send(index, { type: "stop" });
    const timer = setTimeout(() => {
      for (const { worker } of this.#running.values()) void worker.terminate();
    }, timeoutMs);
    await Promise.all(ended);
    clearTimeout(timer);
  }

  #launch(index: number): Running {
    const { promise: listening, resolve, reject } = Promise.withResolvers<void>();
    listening.catch(() => {}); // a replacement has nobody who waits for it
    this.#heartbeats[index] = wallClockMs();
    const worker = new Worker(new URL(`./media-worker${extension()}`, import.meta.url), {
      workerData: this.#options.workerData(index),
      resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB, maxYoungGenerationSizeMb: MAX_YOUNG_MB },
    });
    const running: Running = { worker, listening, isLate: false };
    this.#running.set(index, running);
    worker.on("message", (message: FromWorker) => {
      if (message.type === "listening") resolve();
      else if (message.type === "ack") this.#acknowledged(index, message.ack);
      else this.#options.onMessage(index, message);
    });
    worker.on("error", (error) => {
      this.#options.logger.error({ worker: index, reason: describeError(error) }, "media worker failed");
      reject(error);
    });
    worker.on("exit", () => {
      reject(new Error(`media worker ${index} ended`));
      this.#died(index, running);
    });
    return running;
  }

  #acknowledged(index: number, ack: number): void {
    const sync = this.#syncs.get(ack);
    if (sync?.left.delete(index) && sync.left.size === 0) sync.resolve();
  }

  #died(index: number, running: Running): void {
    if (this.#running.get(index) !== running) return;
    this.#running.delete(index);
    for (const ack of this.#syncs.keys()) this.#acknowledged(index, ack);
    if (this.#isStopping) return;
    this.#options.logger.error({ worker: index }, "media worker ended; its sessions are gone, another one takes its place");
    this.restarts++;
    this.#options.onDied(index);
    setTimeout(() => {
      if (!this.#isStopping) this.#launch(index);
    }, RESTART_DELAY_MS);
  }

  #check(): void {
    const now = wallClockMs();
    for (const [index, running] of this.#running) {
      const behindMs = Math.round(now - (this.#heartbeats[index] ?? now));
      if (behindMs < LATE_MS) {
        if (running.isLate) this.#options.logger.info({ worker: index }, "media worker answers again");
        running.isLate = false;
        continue;
      }
      if (!running.isLate) this.#options.logger.warn({ worker: index, behindMs }, "media worker does not answer");
      running.isLate = true;
      if (behindMs < HUNG_MS) continue;
      this.#options.logger.error({ worker: index, behindMs }, "media worker hangs and is replaced");
      void running.worker.terminate();
      this.#died(index, running);
    }
  }
}

/** `.ts` in the repository, `.js` in the published package. */
function extension(): string {
  return import.meta.url.endsWith(".ts") ? ".ts" : ".js";
}
