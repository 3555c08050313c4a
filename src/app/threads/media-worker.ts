/** A media worker: listens on every media port, takes publishers, serves viewers. The main thread starts one per core. */

import { createServer, type Server, type Socket } from "node:net";
import { parentPort, workerData } from "node:worker_threads";
import { assert } from "../../base/assert.ts";
import { LimitError } from "../../base/media-error.ts";
import type { EndpointContext } from "../../endpoints/context.ts";
import { HlsEndpoint } from "../../endpoints/hls/play.ts";
import { answerAndClose, errorBody } from "../../endpoints/http/answers.ts";
import { HttpEndpoint } from "../../endpoints/http/server.ts";
import { RtmpEndpoint } from "../../endpoints/rtmp/server.ts";
import { peerAddress } from "../../endpoints/tcp/peer-address.ts";
import { Flusher, PHASES } from "../../hub/flusher.ts";
import { MemoryBudget } from "../../hub/memory-budget.ts";
import { SlabPool } from "../../hub/slab-pool.ts";
import { Doorbells } from "../../hub/stream-state.ts";
import { ConnectionLimits } from "../connection-limits.ts";
import { publishDemo } from "../demo.ts";
import { connectionsByFileLimit } from "../file-limit.ts";
import { closeServer, listen } from "../listen.ts";
import { createLogger } from "../logger.ts";
import { pageHandler } from "../pages.ts";
import { apiHandler } from "../public-api.ts";
import { boundKernelQueue } from "../socket-options.ts";
import { flusherClock } from "./flusher-clock.ts";
import { LoadGauge } from "./load-gauge.ts";
import { type FromWorker, HEARTBEAT_MS, type ToWorker, type WorkerData } from "./messages.ts";
import { Requests } from "./requests.ts";
import { WorkerHub } from "./worker-hub.ts";

const UNBOUNDED_HINT =
  "the kernel may queue megabytes for a slow viewer: install the optional package koffi, or set sysctl net.ipv4.tcp_notsent_lowat=16384";
/** libuv takes one connection per listener and turn of the loop: several listeners take a burst of viewers in far fewer turns. */
const LISTENERS_PER_PORT = 8;
const STATS_EVERY_MS = 1000;
/** Peers get this long to take what was sent to them at the end. */
const STOP_GRACE_MS = 1000;

assert(parentPort, "media-worker.ts runs as a worker");
const port = parentPort;
const data: WorkerData = workerData;
const { config, index } = data;
const { limits } = config;
const send = (message: FromWorker): void => port.postMessage(message);
const logger = createLogger(config.logLevel, `media ${index}`);

const budget = new MemoryBudget(data.budget, index, limits.maxBufferedBytes);
const pool = new SlabPool((bytes) => Buffer.allocUnsafeSlow(bytes), budget);
const flusher = new Flusher(flusherClock, limits.maxFlushMs);
const gauge = new LoadGauge(flusher);
const requests = new Requests(send);
const doorbells = new Doorbells(data.doorbells);
const connections = new ConnectionLimits(data.connections, data.workers, {
  maxConnections: limits.maxConnections || connectionsByFileLimit(),
  maxPerIp: limits.maxConnectionsPerIp || Number.POSITIVE_INFINITY,
});
const hub = new WorkerHub({
  worker: index,
  config,
  doorbells,
  flusher,
  pool,
  rendition: { ...limits, phases: PHASES },
  requests,
  asksForPlays: data.asksForPlays,
  gauge,
  send,
  now: flusherClock.now,
});
const context: EndpointContext = { ...limits, noDelay: config.noDelay, hub, logger };
const hls = new HlsEndpoint(context, { ...config.hls, onWanted: (stream) => hub.wantHls(stream), now: flusherClock.now });
hub.onHlsWanted((stream) => hls.serve(stream));
const http = new HttpEndpoint(context, [
  ...(config.hls.enabled ? [hls.handle] : []),
  apiHandler((signal) => requests.ask({ kind: "streams" }, signal)),
  pageHandler(data.webRoot),
]);
const rtmp = new RtmpEndpoint(context);

const sockets = new Set<Socket>();
const servers: Server[] = [];
const stopping = new AbortController();

/** Counts a connection and hands it to its endpoint, or refuses it with the reason. */
function accept(socket: Socket, take: (socket: Socket) => void, refuse: (socket: Socket, reason: string) => void): void {
  const address = peerAddress(socket);
  const reason = connections.open(index, address);
  if (reason !== undefined) {
    socket.on("error", () => {});
    refuse(socket, reason);
    reportRefused(reason);
    return;
  }
  sockets.add(socket);
  socket.on("close", () => {
    sockets.delete(socket);
    connections.close(index, address);
  });
  take(socket);
}

let refused = 0;
let lastRefusal = "";

/** Refusals are many when they come: one line a second says how many. */
function reportRefused(reason: string): void {
  if (refused++ === 0) setTimeout(logRefused, 1000).unref();
  lastRefusal = reason;
}

function logRefused(): void {
  logger.warn({ refused, reason: lastRefusal }, "connections refused");
  refused = 0;
}

const refuseHttp = (socket: Socket, reason: string): void =>
  answerAndClose(socket, 503, errorBody(new LimitError(reason, { code: "overloaded" })), [["Retry-After", "5"]]);
const refuseRtmp = (socket: Socket): void => void socket.destroy();

async function start(): Promise<void> {
  for (const entry of data.entries) hub.add(entry);
  let isBounded = true;
  const open = async (listenPort: number, take: (socket: Socket) => void, refuse: typeof refuseHttp): Promise<void> => {
    for (let i = 0; i < (data.reusePort ? LISTENERS_PER_PORT : 1); i++) {
      const server = createServer({ noDelay: true }, (socket) => accept(socket, take, refuse));
      servers.push(server);
      await listen(server, data.host, listenPort, data.reusePort);
      isBounded &&= boundKernelQueue(server);
    }
  };
  for (const rtmpPort of data.ports.rtmp) await open(rtmpPort, (socket) => rtmp.accept(socket), refuseRtmp);
  for (const httpPort of data.ports.http) await open(httpPort, (socket) => http.accept(socket), refuseHttp);
  if (!isBounded && index === 0) logger.warn({}, UNBOUNDED_HINT);
  send({ type: "listening" });
  if (config.demo && index === 0) void publishDemo(hub, logger, stopping.signal);
}

/** Tells all peers and ends. */
async function stop(): Promise<void> {
  stopping.abort();
  for (const server of servers) server.close();
  hub.close("server stopping");
  http.close();
  flusher.close();
  const deadline = performance.now() + STOP_GRACE_MS;
  while (sockets.size > 0 && performance.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 20));
  for (const socket of sockets) socket.destroy();
  await Promise.all(servers.map(closeServer));
  send({ type: "stopped" });
  port.close();
  process.exit(0);
}

port.on("message", (message: ToWorker) => {
  if (message.type === "reply") requests.answer(message.id, message.value, message.error);
  else if (message.type === "sync") send({ type: "ack", ack: message.ack });
  else if (message.type === "stop") void stop();
  else if (message.type === "fault") fault(message.fault);
  else hub.receive(message);
});

/** Tests break a worker on purpose. */
function fault(kind: "throw" | "hang-3s" | "hang-15s" | "out-of-memory"): void {
  if (kind === "throw") {
    setImmediate(() => {
      throw new Error("a worker fault made on purpose");
    });
  } else if (kind === "out-of-memory") {
    const hoard: number[][] = [];
    for (;;) hoard.push(new Array<number>(1_000_000).fill(hoard.length));
  } else {
    const endMs = performance.now() + (kind === "hang-3s" ? 3_000 : 15_000);
    while (performance.now() < endMs);
  }
}

function logLoad(): void {
  const fields = { worker: index, cpuShare: Math.round(flusher.cpuShare * 100) / 100 };
  if (gauge.isFull) logger.warn(fields, "at the limit of its core: new viewers are refused");
  else logger.info(fields, "has room for viewers again");
}

const heartbeats = new Float64Array(data.heartbeats);
const beat = (): void => {
  heartbeats[index] = performance.timeOrigin + performance.now();
};
beat();
setInterval(beat, HEARTBEAT_MS);
setInterval(() => {
  hub.sweep();
  hls.sweep();
  if (gauge.update()) logLoad();
  send({ type: "stats", stats: hub.stats(connections.count(index)) });
}, STATS_EVERY_MS);
void doorbells.listen(index, () => hub.wake(), stopping.signal);
void start();
