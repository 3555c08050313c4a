/** A thread of the load engine: opens the viewers of its plan, and tells what came of it. */
import { constants, getPriority, setPriority } from "node:os";
import { parentPort } from "node:worker_threads";
import { assert } from "../../base/assert.ts";
import { type PoolOptions, type PoolProgress, type PoolResults, ViewerPool } from "./viewer-pool.ts";

export type FromViewerWorker =
  | { readonly type: "ready" }
  | { readonly type: "progress"; readonly progress: PoolProgress }
  | { readonly type: "results"; readonly results: PoolResults };

export type ToViewerWorker =
  | { readonly type: "start"; readonly options: PoolOptions }
  | { readonly type: "finish" }
  | { readonly type: "close" };

/** How much nicer than the rest threads are that drain. */
const DRAIN_NICENESS = 5;
const TICK_MS = 2;
const PROGRESS_EVERY_MS = 500;

assert(parentPort, "viewer-worker.ts runs as a worker");
const port = parentPort;
const send = (message: FromViewerWorker): void => port.postMessage(message);

Error.stackTraceLimit = 0; // an empty socket is an exception to readSync: make it a cheap one

let pool: ViewerPool | undefined;
const timers: ReturnType<typeof setInterval>[] = [];

function start(options: PoolOptions): void {
  // Who drains can wait; who measures latency cannot. On Linux the priority is that of this thread.
  if (!options.isSampled && process.platform === "linux") {
    setPriority(Math.min(getPriority() + DRAIN_NICENESS, constants.priority.PRIORITY_LOW));
  }
  const started = new ViewerPool(options);
  pool = started;
  timers.push(setInterval(() => started.tick(), TICK_MS));
  timers.push(setInterval(() => send({ type: "progress", progress: started.progress() }), PROGRESS_EVERY_MS));
}

port.on("message", (message: ToViewerWorker) => {
  if (message.type === "start") start(message.options);
  else if (message.type === "finish" && pool) send({ type: "results", results: pool.finish() });
  else if (message.type === "close") {
    for (const timer of timers) clearInterval(timer);
    pool?.close();
    port.close();
  }
});
send({ type: "ready" });
