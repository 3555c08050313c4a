import { connect, type Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { AdmissionRequest, Decision } from "../../src/hub/admission.ts";
import { until } from "../support/deadline.ts";
import { FlvReader, framesOf, kindOf, readFlv, type Tag } from "../support/flv-reader.ts";
import { LivePublisher, RtmpPublisher, sampleTags, send } from "../support/publishers.ts";
import { sampleBytes } from "../support/samples.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { firstFrameAfter, HttpViewer, isMonotonic, RtmpViewer, type Viewer, WebSocketViewer } from "../support/viewers.ts";

/** A publish that the kernel's buffers do not swallow. */
const LONG_BODY_BYTES = 30_000_000;
/** More than the kernel holds for a socket that nobody reads. */
const PILE_BYTES = 14_000_000;
/** "At once" for a machine that does other things too. */
const AT_ONCE_MS = 5000;

function expectGoodTimeline(tags: readonly Tag[]): void {
  expect(isMonotonic(framesOf(tags, 9)), "video grows").toBe(true);
  expect(isMonotonic(framesOf(tags, 8)), "audio grows").toBe(true);
}

describe.for([1, 2])("media workers: %i", (workers) => {
  let server: TestServer;
  let streams = 0;
  const newStream = () => `live/hub${streams++}`;

  beforeAll(async () => {
    server = await startServer({ workers, limits: { publisherGraceMs: 10_000 } });
  });
  afterAll(() => server[Symbol.asyncDispose]());

  test("a stream that does not exist is told at once, in the words of each protocol", async () => {
    const startMs = performance.now();
    for (const path of ["live/nobody.flv", "live/nobody.ts", "hls/live/nobody/index.m3u8", "api/streams/live/nobody"]) {
      const { status, body } = await send("GET", server.http(path));
      expect([path, status]).toEqual([path, 404]);
      expect(JSON.parse(body)).toEqual({ error: { code: "not-found", message: expect.stringContaining("live/nobody") } });
    }
    using ws = new WebSocketViewer(server.ws("live/nobody.flv"));
    await ws.ended();
    expect(ws.isOpen).toBe(false);
    using rtmp = new RtmpViewer(server.rtmpPort, "live/nobody");
    expect(await rtmp.ended()).toMatch(/^NetStream\.Play\.StreamNotFound .*live\/nobody/);
    expect(performance.now() - startMs).toBeLessThan(AT_ONCE_MS);
  });

  test("a second publisher is refused with the reason, and the first goes on", async () => {
    const stream = newStream();
    using publisher = await LivePublisher.start(server.rtmpPort, stream);
    using viewer = new HttpViewer(server.http(`${stream}.flv`));
    await viewer.frames(3);

    const post = await send("POST", server.http(stream), await sampleBytes("plain.flv"));
    expect(post.status).toBe(409);
    expect(JSON.parse(post.body)).toEqual({
      error: { code: "stream-busy", message: expect.stringContaining("published already") },
    });

    const long = await send("POST", server.http(stream), Buffer.alloc(LONG_BODY_BYTES));
    expect([long.status, long.body]).toEqual([409, post.body]);

    using rtmp = new RtmpPublisher(server.rtmpPort, stream);
    await expect(rtmp.ready()).rejects.toThrow(/^NetStream\.Publish\.BadName: .*published already/);

    const refusal = Promise.withResolvers<CloseEvent>();
    const ws = new WebSocket(server.ws(stream));
    ws.onclose = (event) => refusal.resolve(event);
    const { code, reason } = await refusal.promise;
    expect([code, reason]).toEqual([1008, expect.stringContaining("published already")]);

    await viewer.moreFrames(5);
    expect(publisher.rtmp.isClosed).toBe(false);
  });

  test.for([
    { what: "HTTP-FLV", open: (stream: string): Viewer => new HttpViewer(server.http(`${stream}.flv`)) },
    { what: "WS-FLV", open: (stream: string): Viewer => new WebSocketViewer(server.ws(`${stream}.flv`)) },
    { what: "RTMP", open: (stream: string): Viewer => new RtmpViewer(server.rtmpPort, stream) },
  ])(
    "a viewer by $what stays while its publisher reconnects, on one timeline that goes on with a key frame",
    async ({ open }) => {
      const stream = newStream();
      using first = await LivePublisher.start(server.rtmpPort, stream, { firstTimestamp: 5_000_000 });
      using viewer = open(stream);
      await viewer.frames(20);
      first[Symbol.dispose]();
      await until("the publisher is gone", () => server.report(stream)?.state === "waiting");
      const before = viewer.tags.length;
      using second = await LivePublisher.start(server.rtmpPort, stream, { sample: "large.flv" });
      await viewer.moreFrames(20);
      expect(second.rtmp.end).toBeUndefined();
      expect(viewer.end).toBeUndefined();
      expectGoodTimeline(viewer.tags);
      const rest = viewer.tags.slice(before);
      expect(firstFrameAfter(viewer.tags, before)).toBe("key");
      const config = rest.findIndex((tag) => tag.type === 9 && kindOf(tag) === "config");
      const key = rest.findIndex((tag) => tag.type === 9 && kindOf(tag) === "key");
      expect(config, "the new decoder configuration comes first").toBeGreaterThanOrEqual(0);
      expect(config).toBeLessThan(key);
      const [last, next] = [framesOf(viewer.tags.slice(0, before), 9).at(-1)!, framesOf(rest, 9)[0]!];
      expect(next.timestamp - last.timestamp, "no hole in the timeline").toBeLessThan(1000);
    },
  );

  test("a request to publish or watch under a bad name is a 400 with the reason", async () => {
    const body = await sampleBytes("plain.flv");
    const reserved = await send("POST", server.http("hls/stream"), body);
    expect([reserved.status, reserved.body]).toEqual([400, expect.stringContaining("reserved")]);
    for (const path of ["live/a%20b.flv", "live/caf%C3%A9.flv", `live/${"x".repeat(129)}.flv`]) {
      const { status, body: answer } = await send("GET", server.http(path));
      expect([path, status, JSON.parse(answer).error.code]).toEqual([path, 400, "bad-name"]);
    }
    using rtmp = new RtmpPublisher(server.rtmpPort, "live/a b");
    await expect(rtmp.ready()).rejects.toThrow(/^NetStream\.Publish\.BadName: .*allowed/);
  });

  test("a page of any origin may ask, and HEAD gives what GET would, without the stream", async () => {
    const stream = newStream();
    using _publisher = await LivePublisher.start(server.rtmpPort, stream);
    const preflight = await send("OPTIONS", server.http(`${stream}.flv`), "", {
      Origin: "https://example.org",
      "Access-Control-Request-Method": "POST",
      "Access-Control-Request-Headers": "x-anything",
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers).toMatchObject({
      "access-control-allow-origin": "*",
      "access-control-allow-methods": expect.stringMatching(/POST/),
      "access-control-allow-headers": "*",
    });
    const head = await send("HEAD", server.http(`${stream}.flv`));
    expect([head.status, head.body]).toEqual([200, ""]);
    expect(head.headers).toMatchObject({
      "content-type": "video/x-flv",
      "cache-control": "no-store",
      "access-control-allow-origin": "*",
    });
    expect((await send("HEAD", server.http("live/nobody.flv"))).status).toBe(404);
  });
});

test("a viewer that comes first waits for the publisher, but not longer than configured", async () => {
  await using server = await startServer({ limits: { waitForPublishMs: 1500 } });
  const startMs = performance.now();
  using early = new HttpViewer(server.http("live/soon.flv"));
  using ignored = new HttpViewer(server.http("live/never.flv"));
  expect(await ignored.answered()).toBe(404);
  expect(performance.now() - startMs).toBeGreaterThan(1400);
  expect(await early.answered()).toBe(404);
  using waiting = new HttpViewer(server.http("live/soon.flv"));
  using _publisher = await LivePublisher.start(server.rtmpPort, "live/soon");
  expect(await waiting.answered()).toBe(200);
  await waiting.frames(5);
  expect(kindOf(framesOf(waiting.tags, 9)[0]!)).toBe("key");
});

test("with takeover the second publisher gets the stream, the first is told, and viewers stay", async () => {
  await using server = await startServer({ limits: { takeover: "takeover" } });
  using first = await LivePublisher.start(server.rtmpPort, "live/mine");
  using viewer = new HttpViewer(server.http("live/mine.flv"));
  await viewer.frames(10);
  using _second = await LivePublisher.start(server.rtmpPort, "live/mine");
  await first.rtmp.closed();
  expect(first.rtmp.end).toEqual({
    code: "NetStream.Publish.BadName",
    description: expect.stringContaining("took the stream over"),
  });
  await viewer.moreFrames(20);
  expect(viewer.end).toBeUndefined();
  expectGoodTimeline(viewer.tags);
});

test("a publish by POST may be longer than the time for ordinary requests", async () => {
  await using server = await startServer({ limits: { requestTimeoutMs: 1000, handshakeTimeoutMs: 1000 } });
  const tags = await sampleTags("plain.flv");
  const bytes = await sampleBytes("plain.flv");
  const answer = Promise.withResolvers<string>();
  const socket = connect(server.httpPort, "127.0.0.1");
  using _cleanup = { [Symbol.dispose]: () => socket.destroy() };
  let text = "";
  socket.on("data", (data) => {
    text += data.toString();
    if (text.includes("}\n")) answer.resolve(text);
  });
  socket.on("close", () => answer.resolve(text));
  socket.write(`POST /live/long HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${bytes.length}\r\n\r\n`);
  socket.write(bytes.subarray(0, bytes.length / 2));
  await server.live("live/long");
  using viewer = new HttpViewer(server.http("live/long.flv"));
  await viewer.frames(1);
  const half = framesOf(viewer.tags, 9).length;
  const startMs = performance.now();
  await until("the time for ordinary requests is over, more than twice", () => performance.now() - startMs > 2500);
  socket.write(bytes.subarray(bytes.length / 2));
  expect(await answer.promise).toMatch(/^HTTP\/1\.1 200 OK\r\n(.|\s)*"bytes":\d+/);
  await viewer.ended();
  expect(framesOf(viewer.tags, 9).length).toBeGreaterThan(half);
  expect(framesOf(viewer.tags, 9).at(-1)!.data).toEqual(framesOf(tags, 9).at(-1)!.data);
});

describe("while the decision about a publish is pending", () => {
  /** A server whose publishes wait for `decide`. */
  async function startUndecided(limits = {}) {
    const asked = Promise.withResolvers<AdmissionRequest>();
    const decision = Promise.withResolvers<Decision>();
    const authorize = async (request: AdmissionRequest): Promise<Decision> => {
      if (request.action === "play") return { allow: true };
      asked.resolve(request);
      return await decision.promise;
    };
    return { server: await startServer({ authorize, limits }), asked: asked.promise, decide: decision.resolve };
  }

  test("a viewer finds no stream, and one that may wait gets it as soon as it is allowed", async () => {
    const { server, asked, decide } = await startUndecided({ waitForPublishMs: 10_000 });
    await using _server = server;
    const starting = LivePublisher.start(server.rtmpPort, "live/undecided");
    expect(await asked).toMatchObject({ action: "publish", app: "live", name: "undecided", protocol: "rtmp" });
    using viewer = new HttpViewer(server.http("live/undecided.flv"));
    const list = await send("GET", server.http("api/streams"));
    expect(JSON.parse(list.body).streams).toEqual([]);
    expect(viewer.status).toBe(0);
    decide({ allow: true });
    using _publisher = await starting;
    expect(await viewer.answered()).toBe(200);
    await viewer.frames(5);
  });

  test("a viewer that may not wait is told 404 at once", async () => {
    const { server, asked, decide } = await startUndecided();
    await using _server = server;
    using publisher = new RtmpPublisher(server.rtmpPort, "live/undecided");
    await asked;
    expect((await send("GET", server.http("live/undecided.flv"))).status).toBe(404);
    decide({ allow: false, reason: "not with this key" });
    await expect(publisher.ready()).rejects.toThrow("NetStream.Publish.BadName: not with this key");
    expect(server.server.streams()).toEqual([]);
  });

  test("a publisher that leaves meanwhile leaves nothing behind", async () => {
    const { server, asked, decide } = await startUndecided();
    await using _server = server;
    const publisher = new RtmpPublisher(server.rtmpPort, "live/undecided");
    await asked;
    publisher[Symbol.dispose]();
    await publisher.closed();
    decide({ allow: true });
    using second = new RtmpPublisher(server.rtmpPort, "live/undecided");
    await second.ready();
    expect(server.server.streams().map(({ name }) => name)).toEqual(["undecided"]);
  });

  test("nobody decides: the publisher is refused in time", async () => {
    const { server } = await startUndecided({ authorizeTimeoutMs: 300 });
    await using _server = server;
    const post = await send("POST", server.http("live/undecided"), await sampleBytes("plain.flv"));
    expect([post.status, post.body]).toEqual([403, expect.stringContaining("no decision within 300 ms")]);
  });
});

test("a viewer that leaves while its own decision is pending is not counted", async () => {
  const asked = Promise.withResolvers<void>();
  const decision = Promise.withResolvers<Decision>();
  await using server = await startServer({
    authorize: async ({ action }) => {
      if (action === "publish") return { allow: true };
      asked.resolve();
      return await decision.promise;
    },
  });
  using _publisher = await LivePublisher.start(server.rtmpPort, "live/shy");
  const viewer = new HttpViewer(server.http("live/shy.flv"));
  await asked.promise;
  viewer[Symbol.dispose]();
  await viewer.ended();
  decision.resolve({ allow: true });
  using other = new HttpViewer(server.http("live/shy.flv"));
  await other.frames(3);
  await until("the report counts", () => server.report("live/shy")?.viewers.total === 1);
});

/** What a viewer got of a stream that it had not read when it ended, if it goes on talking. */
async function readLate(server: TestServer, open: (socket: Socket) => void): Promise<Buffer> {
  const { promise: over, resolve } = Promise.withResolvers<void>();
  const parts: Buffer[] = [];
  const socket = connect(server.httpPort, "127.0.0.1");
  using _socket = { [Symbol.dispose]: () => socket.destroy() };
  socket.on("error", () => resolve());
  socket.on("close", () => resolve());
  open(socket);
  using publisher = new RtmpPublisher(server.rtmpPort, "live/late");
  await publisher.ready();
  await until("the viewer is counted", () => server.report("live/late")?.viewers.total === 1);
  publisher.sendAll(await sampleTags("plain.flv"));
  publisher.finish();
  await server.gone("live/late");
  for (let i = 0; i < 3; i++) await new Promise((sent) => socket.write("still here", sent));
  socket.on("data", (bytes) => parts.push(bytes));
  await over;
  return Buffer.concat(parts);
}

test("a viewer that had not read all when the stream ended still gets it, even if it goes on talking", async () => {
  await using server = await startServer({ limits: { publisherGraceMs: 50, waitForPublishMs: 10_000 } });
  const received = await readLate(server, (socket) => socket.write("GET /live/late.flv HTTP/1.1\r\nHost: localhost\r\n\r\n"));
  const tags = readFlv(received.subarray(received.indexOf("\r\n\r\n") + 4));
  expect(framesOf(tags, 9).length).toBe(framesOf(await sampleTags("plain.flv"), 9).length);
});

describe("slow viewers", () => {
  /** A viewer that reads only when told to. */
  class SlowViewer implements Disposable {
    readonly tags: Tag[] = [];
    isClosed = false;
    readonly #socket;

    constructor(port: number, path: string) {
      const reader = new FlvReader((tag) => this.tags.push(tag));
      let head = "";
      this.#socket = connect(port, "127.0.0.1");
      this.#socket.on("error", () => {});
      this.#socket.on("close", () => {
        this.isClosed = true;
      });
      this.#socket.on("data", (bytes) => {
        if (head.includes("\r\n\r\n")) {
          reader.push(bytes);
          return;
        }
        head += bytes.toString("latin1");
        const end = head.indexOf("\r\n\r\n");
        if (end >= 0) reader.push(Buffer.from(head.slice(end + 4), "latin1"));
      });
      this.#socket.write(`GET /${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    }

    pause(): void {
      this.#socket.pause();
    }

    resume(): boolean {
      this.#socket.resume();
      return true;
    }

    [Symbol.dispose](): void {
      this.#socket.destroy();
    }
  }

  /** True once a viewer that reads has got more than any kernel keeps for one that does not. */
  const isPiledUp = (good: Viewer) => good.tags.reduce((bytes, tag) => bytes + tag.data.length, 0) > PILE_BYTES;

  test("one that reads too slowly skips to a key frame and goes on; others notice nothing", async () => {
    await using server = await startServer({ limits: { maxLagMs: 3000 } });
    using _publisher = await LivePublisher.start(server.rtmpPort, "live/heavy", { sample: "heavy.flv", speed: 3 });
    using slow = new SlowViewer(server.httpPort, "live/heavy.flv");
    using good = new HttpViewer(server.http("live/heavy.flv"));
    await until("the slow viewer watches", () => framesOf(slow.tags, 9).length > 5);
    slow.pause();
    // What the kernel holds is no lag yet: some megabytes have to pile up first.
    await until("it skips", () => isPiledUp(good) && slow.resume() && (server.report("live/heavy")?.skips ?? 0) > 0, 30_000);
    const before = framesOf(slow.tags, 9).length;
    await until("it goes on", () => framesOf(slow.tags, 9).length > before + 50, 30_000);
    expectGoodTimeline(slow.tags);
    const frames = framesOf(slow.tags, 9);
    const gap = frames.findIndex((frame, i) => i > 0 && frame.timestamp - frames[i - 1]!.timestamp > 500);
    expect(gap, "there is a hole").toBeGreaterThan(0);
    expect(kindOf(frames[gap]!)).toBe("key");
    const steps = framesOf(good.tags, 9).map((frame, i, all) => (i === 0 ? 0 : frame.timestamp - all[i - 1]!.timestamp));
    expect(Math.max(...steps), "the other viewer has no hole").toBeLessThan(200);
  });

  test("one that stops reading is closed in time, and others are not", async () => {
    await using server = await startServer({ limits: { slowViewerTimeoutMs: 1000 } });
    using _publisher = await LivePublisher.start(server.rtmpPort, "live/heavy", { sample: "heavy.flv", speed: 3 });
    using stuck = new SlowViewer(server.httpPort, "live/heavy.flv");
    using good = new HttpViewer(server.http("live/heavy.flv"));
    await until("it watches", () => framesOf(stuck.tags, 9).length > 5);
    await until("both are counted", () => server.report("live/heavy")?.viewers.flv === 2);
    stuck.pause();
    await until("it is closed", () => server.report("live/heavy")?.viewers.flv === 1, 30_000);
    await good.moreFrames(20);
  });
});
