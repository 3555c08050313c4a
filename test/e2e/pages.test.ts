import { spawnSync } from "node:child_process";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { launchBrowser, type PlayerTab, type PushTab, requireBrowser, Tab } from "../support/browser.ts";
import { until } from "../support/deadline.ts";
import { videoConfigTag, videoTag } from "../support/enhanced-tags.ts";
import { mp4Box, mp4Packets } from "../support/mp4-packets.ts";
import { type Program, requireClients, sluice } from "../support/programs.ts";
import { LivePublisher, RtmpPublisher } from "../support/publishers.ts";
import { sample } from "../support/samples.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { pictureAgeMs } from "../support/time-code.ts";

const root = join(import.meta.dirname, "../..");
/** The pages' own promise: behind the encoder by less than this, on loopback. */
const MAX_LATENCY_MS = 1000;
/** Pictures whose age is looked at, one after the other. */
const AGES = 15;

const PHONE_WIDTH = 390;

let browser: Browser;

beforeAll(async () => {
  const launched = await launchBrowser();
  if (!launched) return; // then all tests are skipped
  browser = launched;
  const { status, stderr } = spawnSync("node", [join(root, "scripts/bootstrap.mjs"), "pages"], { encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
}, 120_000);
afterAll(() => browser?.close());
beforeEach((context) => requireBrowser(context));
/** Long enough for several waits of the tabs' own patience on a loaded machine. */
vi.setConfig({ testTimeout: 120_000 });

const openPlayer = (server: TestServer, path: string): Promise<PlayerTab> => Tab.open(browser, server.http(path));
const openPush = (server: TestServer, stream: string): Promise<PushTab> =>
  Tab.open(browser, server.http(`push.html?stream=${stream}&source=test&auto=1&height=360&fps=25&keyIntervalS=1`));
const openHome = (server: TestServer): Promise<Tab> => Tab.open(browser, server.http(""));
/** The card of a stream on the home page. */
const cardOf = (stream: string): string => `article[aria-label='Stream ${stream}']`;

/** Asserts that from now on the picture moves: time and decoded frames grow. */
async function expectMoving(player: PlayerTab): Promise<void> {
  const before = await player.until("it plays", ({ state }) => state === "playing");
  const isFurther = ({ currentTime, decodedFrames }: { currentTime: number; decodedFrames: number }): boolean =>
    decodedFrames >= before.decodedFrames + 20 && currentTime >= before.currentTime + 0.5;
  await player.until("time goes on and frames are decoded", isFurther);
}

/** Asserts that the pictures on the screen were drawn less than MAX_LATENCY_MS ago: so is the median of some, one after the other. */
async function expectLowLatency(player: PlayerTab): Promise<void> {
  const ages: number[] = [];
  const look = async (): Promise<boolean> => {
    const ageMs = await pictureAgeMs(player.page);
    if (ageMs !== undefined) ages.push(ageMs);
    const latest = ages.slice(-AGES).sort((a, b) => a - b);
    return latest.length === AGES && latest[AGES >> 1]! < MAX_LATENCY_MS;
  };
  await until(`${AGES} pictures younger than ${MAX_LATENCY_MS} ms`, look, 30_000).catch((error: unknown) => {
    throw new Error(`${error}; the last were ${ages.slice(-AGES).join(", ")} ms old`);
  });
  expect(Math.min(...ages), "a picture from the future").toBeGreaterThanOrEqual(0);
}

describe("the home page", () => {
  test("shows the demo live, plays a preview of it, and counts its viewers by itself", async () => {
    await using server = await startServer({ demo: true });
    await using home = await openHome(server);
    const card = cardOf("live/demo");
    for (const text of [/LIVE/i, /H\.264/, /AAC/, /640 × 360/, /By the built-in demo/, /\d frames\/s/, /\b0 viewers/]) {
      await home.untilText(text, card);
    }
    {
      await using player = await openPlayer(server, "index.html?stream=live/demo");
      await expectMoving(player);
      await home.untilText(/\b1 viewer\b/, card);
    }
    await home.untilText(/\b0 viewers/, card);
    await home.page.getByRole("button", { name: "Preview" }).click();
    const previewTime = () => home.page.evaluate(() => document.querySelector("video")?.currentTime ?? 0);
    await until("the preview plays", async () => (await previewTime()) > 0.5, 20_000);
    await home.untilText(/\b1 viewer\b/, card);
  });

  test("shows a stream when it starts, and no longer when it has ended", async (context) => {
    requireClients(context, "ffmpeg");
    await using server = await startServer();
    await using home = await openHome(server);
    await home.untilText(/Nothing is live yet/);
    using publisher = await LivePublisher.start(server.rtmpPort, "live/second");
    await home.untilText(/320 × 180/, cardOf("live/second"));
    await home.untilText(/One stream is flowing/);
    publisher.finish();
    await home.untilText(/Nothing is live yet/);
    expect(await home.page.locator("article").count()).toBe(0);
  });
});

describe("a player page", () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer({ limits: { publisherGraceMs: 15_000 }, hls: { segmentMs: 500 } });
  });
  afterAll(() => server[Symbol.asyncDispose]());

  test("of an unknown stream tells how to publish it, and starts by itself when somebody does", async (context) => {
    requireClients(context, "ffmpeg");
    await using player = await openPlayer(server, "index.html?stream=live/later");
    await player.until("it waits", ({ state }) => state === "waiting");
    await player.untilText(/Waiting for live\/later/);
    await player.untilText(new RegExp(`rtmp://127\\.0\\.0\\.1:${server.rtmpPort}/live`));
    using _publisher = await LivePublisher.start(server.rtmpPort, "live/later");
    await expectMoving(player);
    expect(await player.page.locator("#publish-title").count()).toBe(0);
  });

  test("says that the browser cannot play HEVC", async (context) => {
    requireClients(context, "ffmpeg", "ffprobe");
    const path = await sample("hevc.mp4");
    using publisher = new RtmpPublisher(server.rtmpPort, "live/hevc");
    await publisher.ready();
    publisher.send(videoConfigTag("hvc1", mp4Box(path, "hvcC")));
    const pictures = (await mp4Packets(path)).filter(({ kind }) => kind === "video");
    publisher.sendAll(pictures.map((picture) => videoTag("hvc1", picture)));
    await using player = await openPlayer(server, "index.html?stream=live/hevc");
    const canPlay = await player.page.evaluate(() => MediaSource.isTypeSupported('video/mp4; codecs="hvc1.1.6.L60.90"'));
    if (canPlay) context.skip("this browser has a decoder for HEVC");
    await player.until("it gives up", ({ state }) => state === "unsupported");
    await player.untilText(/HEVC video cannot be played here\s+This browser has no decoder for HEVC/);
  });

  test.for(["ws", "http"])(
    "goes on over %s when the publisher was away, on one connection and timeline",
    async (transport, context) => {
      requireClients(context, "ffmpeg");
      const stream = `live/again-${transport}`;
      using first = await LivePublisher.start(server.rtmpPort, stream);
      await using player = await openPlayer(server, `index.html?stream=${stream}&transport=${transport}`);
      await expectMoving(player);
      first[Symbol.dispose]();
      const before = await player.until("it has played all there was", ({ state }) => state === "stalled");
      using _second = await LivePublisher.start(server.rtmpPort, stream);
      await expectMoving(player);
      const after = await player.status();
      expect(after).toMatchObject({ transport, reconnects: 0 });
      expect(after.currentTime).toBeGreaterThan(before.currentTime);
    },
  );

  test("plays HLS on when the publisher restarts", async (context) => {
    requireClients(context, "ffmpeg");
    const stream = "live/again-hls";
    using first = await LivePublisher.start(server.rtmpPort, stream);
    await using player = await openPlayer(server, `play.html?stream=${stream}`);
    await expectMoving(player);
    const before = await player.status();
    first[Symbol.dispose]();
    await until("the server has noticed", () => server.report(stream)?.publisher === null);
    using _second = await LivePublisher.start(server.rtmpPort, stream);
    const framesAhead = Math.ceil((before.bufferMs / 1000) * 25);
    const goal = before.decodedFrames + framesAhead + 100;
    await player.until("frames of the second one are decoded", ({ decodedFrames }) => decodedFrames > goal);
    await expectMoving(player);
    const after = await player.status();
    expect(after.reconnects).toBe(0);
    expect(after.currentTime).toBeGreaterThan(before.currentTime);
  });

  test("waits when its stream has ended, and goes on when it is back", async (context) => {
    requireClients(context, "ffmpeg");
    await using shortGrace = await startServer({ limits: { publisherGraceMs: 100 }, hls: { segmentMs: 500 } });
    using first = await LivePublisher.start(shortGrace.rtmpPort, "live/ends");
    await using flv = await openPlayer(shortGrace, "index.html?stream=live/ends");
    await using hls = await openPlayer(shortGrace, "play.html?stream=live/ends");
    await Promise.all([flv, hls].map(expectMoving));
    first.finish();
    for (const player of [flv, hls]) await player.until("it waits", ({ state }) => state === "waiting");
    using _second = await LivePublisher.start(shortGrace.rtmpPort, "live/ends");
    await Promise.all([flv, hls].map(expectMoving));
    for (const player of [flv, hls]) expect((await player.status()).reconnects).toBe(1);
  });
});

describe("when the server is killed and comes back", () => {
  async function serve(ports = { http: [0], rtmp: [0] }): Promise<Program & { ports: typeof ports }> {
    const program = sluice("serve", "--demo", "--json", "--http", ports.http.join(), "--rtmp", ports.rtmp.join());
    const [line] = await program.says(/\{"ports":.*\}/, 30_000);
    return Object.assign(program, { ports: (JSON.parse(line) as { ports: typeof ports }).ports });
  }

  test("every page goes on by itself", async () => {
    await using first = await serve();
    const url = (path: string): string => `http://127.0.0.1:${first.ports.http[0]}/${path}`;
    await using home = await Tab.open(browser, url(""));
    await using flv: PlayerTab = await Tab.open(browser, url("index.html?stream=live/demo"));
    await using hls: PlayerTab = await Tab.open(browser, url("play.html?stream=live/demo"));
    await using push: PushTab = await Tab.open(browser, url("push.html?stream=live/web&source=test&auto=1&height=360&fps=15"));
    await Promise.all([flv, hls].map(expectMoving));
    const { sentFrames } = await push.until("it is live", (status) => status.state === "live" && status.sentFrames > 10);
    await home.untilText(/2 streams are flowing/);
    first.kill("SIGKILL");
    await home.untilText(/The server does not answer/);
    await flv.until("it sees that the server is away", ({ state }) => state === "away");
    await using _second = await serve(first.ports);
    await push.until("it sends again", (status) => status.state === "live" && status.sentFrames > sentFrames + 20);
    for (const player of [flv, hls]) await player.until("it connects again", ({ reconnects }) => reconnects > 0);
    await Promise.all([flv, hls].map(expectMoving));
    await home.untilText(/2 streams are flowing/);
  });
});

describe("the push page", () => {
  const stream = "live/web";
  let server: TestServer;
  let push: PushTab;
  beforeAll(async () => {
    if (!browser) return;
    server = await startServer({ hls: { segmentMs: 1000 } });
    push = await openPush(server, stream);
  });
  afterAll(async () => {
    await push?.[Symbol.asyncDispose]();
    await server?.[Symbol.asyncDispose]();
  });

  test("publishes the test picture, and the home page shows it", async () => {
    const isSending = ({ state, sentFrames }: { state: string; sentFrames: number }): boolean =>
      state === "live" && sentFrames > 25;
    const { sentFrames, videoCodec, message } = await push.until("it is live", isSending);
    expect({ videoCodec, message }).toEqual({ videoCodec: "h264", message: "" });
    await using home = await openHome(server);
    await home.untilText(/640 × 360/, cardOf(stream));
    await home.untilText(/By WS-FLV/, cardOf(stream));
    await push.until("it goes on", (status) => status.sentFrames > sentFrames + 25);
  });

  test("is watched less than a second later, over WebSocket and by a click over HTTP", async () => {
    await using player = await openPlayer(server, `index.html?stream=${stream}`);
    await expectMoving(player);
    await expectLowLatency(player);
    await player.page.getByText("HTTP", { exact: true }).click();
    await player.until("it plays over HTTP", ({ transport, state }) => transport === "http" && state === "playing");
    await expectMoving(player);
    await expectLowLatency(player);
    await until("the server counts an HTTP viewer", () => server.report(stream)?.viewers.flv === 1);
  });

  test("is watched by HLS a few segments later", async () => {
    await using player = await openPlayer(server, `play.html?stream=${stream}`);
    await expectMoving(player);
    const ageMs = await until("a picture whose time code can be read", () => pictureAgeMs(player.page));
    expect(ageMs).toBeGreaterThan(0);
    expect(ageMs).toBeLessThan(10_000);
  });

  test("shows the server's words when the name is taken", async () => {
    await push.until("it is live", ({ state }) => state === "live");
    await using second = await openPush(server, stream);
    const { message } = await second.until("it is refused", ({ state }) => state === "refused");
    expect(message).toBe(`The server says: ${stream} is being published already (by ws-flv)`);
    await second.untilText(/is being published already/);
    expect((await push.status()).state).toBe("live");
  });
});

test("every page fits on a phone", async () => {
  await using server = await startServer({ demo: true });
  const pages = [
    "",
    "index.html",
    "index.html?stream=live/demo",
    "play.html?stream=live/demo",
    "index.html?stream=live/none",
    "push.html",
  ];
  await using tab = await Tab.open(browser, "about:blank", { width: PHONE_WIDTH, height: 844 });
  for (const path of pages) {
    await tab.page.goto(server.http(path));
    await tab.untilText(/\S/, "h1");
    const contentWidth = await tab.page.evaluate(() => document.documentElement.scrollWidth);
    expect(contentWidth, path).toBeLessThanOrEqual(PHONE_WIDTH);
  }
});
