import { describe, expect, test } from "vitest";
import { until } from "../support/deadline.ts";
import { framesOf } from "../support/flv-reader.ts";
import { LivePublisher } from "../support/publishers.ts";
import { LogLines, startServer, type TestServer } from "../support/server.ts";
import { HttpViewer, isMonotonic, RtmpViewer, type Viewer } from "../support/viewers.ts";

/** Enough that both of two workers have some, whatever the kernel does: it fails once in 30,000 runs. */
const CROWD = 16;
/** Reconnects until the kernel gives a connection to the wanted one of two workers. */
const MAX_TRIES = 40;
const DEADLINE_MS = 30_000;
/** Between two frames at a viewer that nothing happened to, on a machine that does other things too; less than the shortest fault. */
const MAX_PAUSE_MS = 2500;

const keyOf = (stream: string) => ({ app: stream.split("/")[0]!, name: stream.split("/")[1]! });

function placeOf(server: TestServer, stream: string): { owner: number; publisher: number | undefined } {
  const place = server.server.placeOf(keyOf(stream));
  if (!place) throw new Error(`there is no stream ${stream}`);
  return place;
}

/** Publishes, again and again if need be, until the connection is on that worker. */
async function publishOn(server: TestServer, stream: string, worker: number): Promise<LivePublisher> {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const publisher = await LivePublisher.start(server.rtmpPort, stream);
    if (placeOf(server, stream).publisher === worker) return publisher;
    publisher[Symbol.dispose]();
    await until("the publisher is gone", () => server.report(stream)?.state !== "live");
  }
  throw new Error(`no connection on worker ${worker} in ${MAX_TRIES} tries`);
}

/** A new stream that this worker owns and takes in. */
async function ownedBy(server: TestServer, worker: number, name: string): Promise<{ stream: string; publisher: LivePublisher }> {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const stream = `live/${name}${tries}`;
    const publisher = await LivePublisher.start(server.rtmpPort, stream);
    if (placeOf(server, stream).owner === worker) return { stream, publisher };
    publisher[Symbol.dispose]();
  }
  throw new Error(`no stream owned by worker ${worker} in ${MAX_TRIES} tries`);
}

/** Viewers of both protocols, on both workers. */
async function crowd(server: TestServer, stream: string, holder: DisposableStack): Promise<Viewer[]> {
  const open = (i: number): Viewer =>
    i % 4 === 0 ? new RtmpViewer(server.rtmpPort, stream) : new HttpViewer(server.http(`${stream}.flv`));
  const viewers = Array.from({ length: CROWD }, (_, i) => holder.use(open(i)));
  await Promise.all(viewers.map((viewer) => viewer.frames(3)));
  return viewers;
}

const alive = (viewers: readonly Viewer[]) => viewers.filter((viewer) => viewer.end === undefined);

/** All of them get more, on timelines that only grow. */
async function expectGoOn(viewers: readonly Viewer[]): Promise<void> {
  expect(viewers.length).toBeGreaterThan(0);
  await Promise.all(viewers.map((viewer) => viewer.moreFrames(15, 9, DEADLINE_MS)));
  for (const { tags } of viewers) {
    expect(isMonotonic(framesOf(tags, 9)), "video grows").toBe(true);
    expect(isMonotonic(framesOf(tags, 8)), "audio grows").toBe(true);
  }
}

describe("two workers", () => {
  test("a publisher that returns on the other worker goes on for all viewers", async () => {
    await using server = await startServer({ workers: 2, limits: { publisherGraceMs: 20_000 } });
    using holder = new DisposableStack();
    const { stream, publisher } = await ownedBy(server, 0, "moving");
    const viewers = await crowd(server, stream, holder);
    publisher[Symbol.dispose]();
    await until("the publisher is gone", () => server.report(stream)?.state === "waiting");
    using _second = await publishOn(server, stream, 1);
    expect(placeOf(server, stream)).toEqual({ owner: 0, publisher: 1 });
    await expectGoOn(viewers);
    expect(alive(viewers).length).toBe(CROWD);
  });

  test("when the owner dies, a publisher and viewers on the other worker go on", async () => {
    await using server = await startServer({ workers: 2, limits: { publisherGraceMs: 20_000 } });
    using holder = new DisposableStack();
    const { stream, publisher } = await ownedBy(server, 0, "orphan");
    publisher[Symbol.dispose]();
    await until("the publisher is gone", () => server.report(stream)?.state === "waiting");
    using other = await publishOn(server, stream, 1);
    const viewers = await crowd(server, stream, holder);
    server.server.injectFault(0, "throw");
    await until("the other worker owns the stream", () => placeOf(server, stream).owner === 1);
    await expectGoOn(await survivors(viewers));
    expect(other.rtmp.isClosed).toBe(false);
    expect(placeOf(server, stream)).toEqual({ owner: 1, publisher: 1 });
  });

  test("when the owner dies that had the publisher too, viewers on the other worker wait for its return", async () => {
    await using server = await startServer({ workers: 2, limits: { publisherGraceMs: 20_000 } });
    using holder = new DisposableStack();
    const { stream, publisher } = await ownedBy(server, 0, "widow");
    const viewers = await crowd(server, stream, holder);
    server.server.injectFault(0, "throw");
    await publisher.rtmp.closed();
    await until("the other worker owns the stream", () => placeOf(server, stream).owner === 1);
    const rest = await survivors(viewers);
    using _again = await LivePublisher.start(server.rtmpPort, stream);
    await expectGoOn(rest);
  });
});

/** The viewers that a dead worker did not have: some are gone, others not, and that does not change any more. */
async function survivors(viewers: readonly Viewer[]): Promise<Viewer[]> {
  await until("the dead worker's viewers are closed", () => alive(viewers).length < CROWD);
  const rest = alive(viewers);
  expect(rest.length).toBeGreaterThan(0);
  return rest;
}

describe("a worker in trouble harms only its own sessions", () => {
  /** A stream and a crowd on each of two workers. */
  async function setUp(log: LogLines) {
    const server = await startServer({ workers: 2, logger: log, limits: { publisherGraceMs: 60_000 } });
    const holder = new AsyncDisposableStack();
    holder.use(server);
    const sockets = holder.use(new DisposableStack());
    const sick = await ownedBy(server, 0, "sick");
    const well = await ownedBy(server, 1, "well");
    sockets.use(sick.publisher);
    sockets.use(well.publisher);
    const viewers = await crowd(server, well.stream, sockets);
    return { server, holder, sick, well, viewers };
  }

  test.for([
    { fault: "throw", line: /^error media worker failed .*made on purpose/ },
    { fault: "out-of-memory", line: /^error media worker failed .*memory/ },
    { fault: "hang-15s", line: /^error media worker hangs and is replaced .*"worker":0/ },
  ] as const)("$fault: it is replaced, the log says why, and the other worker does not falter", async ({ fault, line }) => {
    const log = new LogLines();
    const { server, holder, sick, well, viewers } = await setUp(log);
    await using _all = holder;
    const gaps = watchGaps(viewers);
    server.server.injectFault(0, fault);
    await until(`the log has ${line}`, () => log.grep(line).length > 0, DEADLINE_MS);
    await until("it is replaced", () => log.grep(/^error media worker ended; its sessions are gone/).length === 1, DEADLINE_MS);
    await sick.publisher.rtmp.closed(DEADLINE_MS);
    const rest = await survivors(viewers);
    await expectGoOn(rest);
    expect(gaps.longestOf(rest), "the longest pause of those who stayed").toBeLessThan(MAX_PAUSE_MS);
    expect(well.publisher.rtmp.isClosed).toBe(false);
    const again = await ownedBy(server, 0, "again");
    again.publisher[Symbol.dispose]();
    expect(log.grep(/^error media worker ended/).length).toBe(1);
  });

  test("hang-3s: nobody is closed, its sessions go on afterwards, and the log has both ends", async () => {
    const log = new LogLines();
    const { server, holder, sick, well, viewers } = await setUp(log);
    await using _all = holder;
    const gaps = watchGaps(viewers);
    server.server.injectFault(0, "hang-3s");
    await until("the log says so", () => log.grep(/^warn media worker does not answer .*"worker":0/).length === 1, DEADLINE_MS);
    await until("and that it is over", () => log.grep(/^info media worker answers again .*"worker":0/).length === 1, DEADLINE_MS);
    await expectGoOn(viewers);
    expect(alive(viewers).length).toBe(CROWD);
    expect(gaps.shortestOf(viewers), "some viewer noticed nothing").toBeLessThan(MAX_PAUSE_MS);
    expect([sick.publisher.rtmp.isClosed, well.publisher.rtmp.isClosed]).toEqual([false, false]);
    using viewer = new HttpViewer(server.http(`${sick.stream}.flv`));
    await viewer.frames(10);
    expect(log.grep(/^error /)).toEqual([]);
  });

  /** Measures, per viewer, the longest time without a frame. */
  function watchGaps(viewers: readonly Viewer[]) {
    const longest = new Map<Viewer, number>();
    for (const viewer of viewers) {
      let lastMs = performance.now();
      longest.set(viewer, 0);
      viewer.onTag = () => {
        const nowMs = performance.now();
        longest.set(viewer, Math.max(longest.get(viewer)!, nowMs - lastMs));
        lastMs = nowMs;
      };
    }
    const of = (some: readonly Viewer[]) => some.map((viewer) => longest.get(viewer)!);
    return {
      longestOf: (some: readonly Viewer[]) => Math.max(...of(some)),
      shortestOf: (some: readonly Viewer[]) => Math.min(...of(some)),
    };
  }
});
