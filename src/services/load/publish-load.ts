import { lookup } from "node:dns/promises";
import { Worker } from "node:worker_threads";
import { MediaError, ProtocolError } from "../../base/media-error.ts";
import type { PublishReport } from "./load-report.ts";
import { parseLoadTarget } from "./load-target.ts";
import type { FromPublisherWorker, PublisherWorkerData } from "./publisher-worker.ts";
import { STANDARD_SHAPE, type StreamShape } from "./synthetic-stream.ts";

export interface LoadPublishers {
  /** Ends them and says what they did. May be called once. */
  stop(): Promise<PublishReport>;
}

/**
 * Publishes one synthetic stream to each RTMP URL from a thread of its own; every video frame carries a marker with the wall clock.
 * Resolves when all are accepted, rejects with ProtocolError when one is refused.
 */
export async function publishLoad(urls: readonly string[], shape: Partial<StreamShape> = {}): Promise<LoadPublishers> {
  const targets = urls.map(parseLoadTarget);
  const other = targets.find(({ protocol }) => protocol !== "rtmp");
  if (other) throw new MediaError(`cannot publish to ${other.url}: an rtmp: URL is needed`, { code: "bad-url" });
  const addresses = await Promise.all(targets.map(async ({ host }) => (await lookup(host)).address));
  const workerData: PublisherWorkerData = { targets, addresses, shape: { ...STANDARD_SHAPE, ...shape } };
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  const worker = new Worker(new URL(`./publisher-worker.${extension}`, import.meta.url), { workerData });
  const ready = Promise.withResolvers<void>();
  const stopped = Promise.withResolvers<PublishReport>();
  stopped.promise.catch(() => {}); // told to whoever stops them
  worker.on("message", (message: FromPublisherWorker) => {
    if (message.type === "ready") ready.resolve();
    else if (message.type === "failed") ready.reject(new ProtocolError(message.message));
    else stopped.resolve(message.report);
  });
  worker.once("error", (error) => {
    ready.reject(error);
    stopped.reject(error);
  });
  await ready.promise;
  return {
    stop() {
      worker.postMessage("stop");
      return stopped.promise;
    },
  };
}
