/** A thread of the load engine: opens the viewers of its plan, and tells what came of it. */
import { constants, setPriority } from "node:os";
import { parentPort, workerData } from "node:worker_threads";
import { assert } from "../../base/assert.ts";
import { type PoolOptions, type PoolProgress, type PoolResults, ViewerPool } from "./viewer-pool.ts";

export type FromViewerWorker =
  | { readonly type: "progress"; readonly progress: PoolProgress }
  | { readonly type: "results"; readonly results: PoolResults };

export type ToViewerWorker = { readonly type: "finish" } | { readonly type: "close" };

const TICK_MS = 2;
const PROGRESS_EVERY_MS = 500;

assert(parentPort, "viewer-worker.ts runs as a worker");
const port = parentPort;
const options: PoolOptions = workerData;
const send = (message: FromViewerWorker): void => port.postMessage(message);

// Who drains can wait; who measures latency cannot. On Linux the priority is that of this thread.
if (!options.isSampled && process.platform === "linux") setPriority(constants.priority.PRIORITY_LOW);
Error.stackTraceLimit = 0; // an empty socket is an exception to readSync: make it a cheap one

const pool = new ViewerPool(options);
const ticking = setInterval(() => pool.tick(), TICK_MS);
const reporting = setInterval(() => send({ type: "progress", progress: pool.progress() }), PROGRESS_EVERY_MS);

port.on("message", (message: ToViewerWorker) => {
  clearInterval(reporting);
  if (message.type === "finish") send({ type: "results", results: pool.finish() });
  else {
    clearInterval(ticking);
    pool.close();
    port.close();
  }
});
