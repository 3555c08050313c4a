/** A thread that publishes synthetic streams: one timer for all of them. */
import { parentPort, workerData } from "node:worker_threads";
import { assert } from "../../base/assert.ts";
import { describeError } from "../../base/media-error.ts";
import { Histogram } from "./histogram.ts";
import type { PublishReport } from "./load-report.ts";
import type { LoadTarget } from "./load-target.ts";
import { RtmpPublisher } from "./rtmp-publisher.ts";
import { type StreamShape, SyntheticStream } from "./synthetic-stream.ts";

export interface PublisherWorkerData {
  readonly targets: readonly LoadTarget[];
  readonly addresses: readonly string[];
  readonly shape: StreamShape;
}

export type FromPublisherWorker =
  | { readonly type: "ready" }
  | { readonly type: "failed"; readonly message: string }
  | { readonly type: "stopped"; readonly report: PublishReport };

/** Connections begun at once: more would overflow the server's queue of those that wait to be accepted. */
const MAX_CONNECTING = 100;
const MAX_WAIT_MS = 50;

assert(parentPort, "publisher-worker.ts runs as a worker");
const port = parentPort;
const { targets, addresses, shape }: PublisherWorkerData = workerData;
const send = (message: FromPublisherWorker): void => port.postMessage(message);
const wallNow = (): number => performance.timeOrigin + performance.now();

const publishers: RtmpPublisher[] = [];
const lateUs = new Histogram();
let startMs = 0;
let timer: ReturnType<typeof setTimeout> | undefined;

async function start(): Promise<void> {
  for (let first = 0; first < targets.length; first += MAX_CONNECTING) {
    const batch = targets.slice(first, first + MAX_CONNECTING).map((target, i) => {
      return new RtmpPublisher(target, addresses[first + i]!, new SyntheticStream(shape));
    });
    publishers.push(...batch);
    await Promise.all(batch.map((publisher) => publisher.ready));
  }
  startMs = wallNow();
  // Spread over the time of a frame, so that a thousand streams do not come as one burst.
  for (const [i, publisher] of publishers.entries()) publisher.start(startMs + ((i / publishers.length) * 1000) / shape.fps);
  send({ type: "ready" });
  tick();
}

function tick(): void {
  let nextMs = wallNow() + MAX_WAIT_MS;
  for (const publisher of publishers) {
    for (let dueMs = publisher.nextDueMs; ; dueMs = publisher.nextDueMs) {
      const nowMs = wallNow();
      if (dueMs > nowMs) {
        nextMs = Math.min(nextMs, dueMs);
        break;
      }
      lateUs.record((nowMs - dueMs) * 1000);
      publisher.sendNext(nowMs);
    }
  }
  timer = setTimeout(tick, Math.max(1, nextMs - wallNow()));
}

function stop(): void {
  clearTimeout(timer);
  const sum = (pick: (publisher: RtmpPublisher) => number) => publishers.reduce((total, each) => total + pick(each), 0);
  const failures = publishers.filter((publisher) => publisher.failure !== undefined);
  const bytes = sum((publisher) => publisher.bytesSent);
  const report: PublishReport = {
    streams: publishers.length,
    failed: failures.length,
    firstFailure: failures[0]?.failure ?? "",
    video: sum((publisher) => publisher.videoSent),
    audio: sum((publisher) => publisher.audioSent),
    dropped: sum((publisher) => publisher.dropped),
    kbps: (bytes * 8) / Math.max(1, wallNow() - startMs),
    lateMs: lateUs.quantiles(1000),
  };
  for (const publisher of publishers) publisher.stop();
  send({ type: "stopped", report });
  port.close();
}

port.once("message", stop);
start().catch((error) => {
  for (const publisher of publishers) publisher.stop();
  send({ type: "failed", message: describeError(error) });
  port.close();
});
