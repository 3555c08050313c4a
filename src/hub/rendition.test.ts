import { describe, expect, test } from "vitest";
import { emptyLog } from "./frame-log-writer.ts";
import { TestSink, testFrame, testPool, testRenditionOptions, testTrack, testWriter, textFormat } from "./hub-testing.ts";
import { type JoinPoint, Rendition, type RenditionOptions } from "./rendition.ts";
import type { StreamInput } from "./stream-writer.ts";

const video = testTrack("video");

function setUp(options: Partial<RenditionOptions> = {}) {
  const log = emptyLog();
  const writer = testWriter({ onReplaced: (larger) => rendition.replaceLog(larger) }, log);
  const rendition: Rendition = new Rendition(textFormat, log, testPool(), { ...testRenditionOptions, ...options });
  const input = writer.beginInput();
  input.track(video);
  let now = 0;
  const flush = (ms = 0) => {
    now += ms;
    rendition.pull();
    rendition.flushAll(now);
  };
  return { writer, rendition, input, flush };
}

function join(rendition: Rendition, sink = new TestSink(), from?: JoinPoint) {
  const cursor = rendition.join(sink, "test", () => {}, from);
  rendition.advance(cursor, 0);
  return { sink, cursor };
}

const key = (input: StreamInput, dts: number, size?: number) => input.frame(testFrame(video, dts, true, size));
const delta = (input: StreamInput, dts: number, size?: number) => input.frame(testFrame(video, dts, false, size));

describe("Rendition", () => {
  test("a viewer gets the prologue, the newest GOP at once, and then what is new", () => {
    const { rendition, input, flush } = setUp();
    key(input, 0);
    key(input, 100);
    delta(input, 140);
    const { sink } = join(rendition);
    expect(sink.take()).toBe("[start v1 1100][gop 1100][V 1100 key][V 1140]");
    delta(input, 180);
    flush();
    expect(sink.take()).toBe("[V 1180]");
  });

  test("all that a viewer has missed is one write, and viewers in step share it", () => {
    const { rendition, input, flush } = setUp();
    key(input, 0);
    const [a, b] = [join(rendition).sink, join(rendition).sink];
    a.writes = b.writes = 0;
    for (let dts = 10; dts < 100; dts += 10) delta(input, dts);
    flush();
    expect([a.writes, b.writes]).toEqual([1, 1]);
    expect(a.text).toBe(b.text);
  });

  test("a viewer that was there before the first frame gets everything", () => {
    const { rendition, input, flush } = setUp();
    const { sink } = join(rendition);
    expect(sink.take()).toBe("");
    key(input, 0);
    flush();
    expect(sink.take()).toBe("[start v1 1000][gop 1000][V 1000 key]");
  });

  test("a viewer that was there before the first frame gets everything, however much comes at once", () => {
    const { rendition, input, flush } = setUp();
    const { sink } = join(rendition);
    for (let dts = 0; dts < 5000; dts += 500) key(input, dts, 20_000);
    flush();
    expect(sink.take().startsWith("[start v1 1000][gop 1000][V 1000 key][gop 1500][V 1500 key]")).toBe(true);
  });

  test("without the GOP cache a viewer begins with the next key frame", () => {
    const { rendition, input, flush } = setUp();
    key(input, 0);
    const { sink } = join(rendition, new TestSink(), "next-gop");
    delta(input, 40);
    flush();
    expect(sink.take()).toBe("");
    key(input, 80);
    flush();
    expect(sink.take()).toBe("[start v1 1080][gop 1080][V 1080 key]");
  });

  test("a viewer that changes its selection goes on at the head, without a prologue", () => {
    const { rendition, input, flush } = setUp();
    key(input, 0);
    const { sink } = join(rendition, new TestSink(), "head");
    expect(sink.take()).toBe("");
    delta(input, 40);
    flush();
    expect(sink.take()).toBe("[V 1040]");
  });

  test.each([
    ["older", { gopCacheMaxMs: 500 }, 10],
    ["larger", { gopCacheMaxBytes: 5000 }, 6000],
  ])("a GOP that is %s than the cache may hold is not given to a new viewer", (_, options, size) => {
    const { rendition, input, flush } = setUp(options);
    key(input, 0);
    delta(input, 600, size);
    const { sink } = join(rendition);
    expect(sink.take()).toBe("");
    key(input, 700);
    flush();
    expect(sink.take()).toContain("[gop 1700][V 1700 key]");
  });

  test("a viewer whose socket is full is skipped until it has room, and gets the rest in one piece", () => {
    const { rendition, input, flush } = setUp();
    key(input, 0);
    const { sink } = join(rendition);
    sink.take();
    sink.isStuck = true;
    delta(input, 10);
    flush();
    for (let dts = 20; dts <= 40; dts += 10) {
      delta(input, dts);
      flush();
    }
    expect(sink.take()).toBe("[V 1010]");
    sink.isStuck = false;
    sink.pendingBytes = 0;
    flush();
    expect(sink.take()).toBe("[V 1020][V 1030][V 1040]");
  });

  test("a viewer too far behind goes on at the newest key frame, and the skip is counted", () => {
    const { rendition, input, flush } = setUp({ maxLagMs: 1000 });
    key(input, 0);
    const { sink, cursor } = join(rendition);
    sink.isStuck = true;
    for (let dts = 500; dts <= 5000; dts += 500) {
      if (dts % 2000 === 0) key(input, dts, 20_000);
      else delta(input, dts, 20_000);
      flush();
    }
    sink.take();
    sink.pendingBytes = 0;
    sink.isStuck = false;
    flush();
    expect(sink.take()).toBe("[gop 5000][V 5000 key][V 5500][V 6000]");
    expect(cursor.skips).toBe(1);
    expect(cursor.skippedMs).toBeGreaterThan(1000);
  });

  test("a viewer that skips over a change of configuration is told of it", () => {
    const { rendition, input, flush } = setUp({ maxLagMs: 1000 });
    key(input, 0);
    const { sink } = join(rendition);
    sink.isStuck = true;
    delta(input, 100);
    flush();
    input.track(testTrack("video", [9]));
    key(input, 3000);
    sink.take();
    sink.isStuck = false;
    sink.pendingBytes = 0;
    flush();
    expect(sink.take()).toBe("[change v1 v2][gop 4000][V 4000 key]");
  });

  test("a viewer that takes nothing is closed in time", () => {
    const { rendition, input, flush } = setUp({ slowViewerTimeoutMs: 5000 });
    key(input, 0);
    const { sink } = join(rendition);
    sink.isStuck = true;
    delta(input, 10);
    flush();
    delta(input, 20);
    flush(4900);
    expect(sink.reason).toBeUndefined();
    flush(200);
    expect(sink.reason).toBe("too slow");
    expect(rendition.viewers).toBe(0);
  });

  test("a GOP without end holds no more memory than viewers may lag behind", () => {
    const { rendition, input, flush } = setUp({ maxLagMs: 1000, gopCacheMaxMs: 1000 });
    key(input, 0);
    const { sink } = join(rendition);
    for (let dts = 40; dts < 60_000; dts += 40) {
      delta(input, dts, 5000);
      flush();
    }
    expect(rendition.slabs.heldBytes).toBeLessThan(2_000_000);
    expect(sink.text.endsWith("[V 60960]")).toBe(true);
  });

  test("when the writer overtakes a thread that slept, viewers go on at the newest key frame", () => {
    const log = emptyLog();
    const writer = testWriter({ logWindowMs: 10 }, log);
    const rendition = new Rendition(textFormat, log, testPool(), testRenditionOptions);
    const input = writer.beginInput();
    input.track(video);
    key(input, 0);
    const { sink } = join(rendition);
    sink.take();
    for (let dts = 40; dts < 40_000; dts += 40) {
      if (dts % 1000 === 0) key(input, dts, 4000);
      else delta(input, dts, 4000);
    }
    rendition.pull();
    rendition.flushAll(0);
    expect(rendition.counters.overtaken).toBe(1);
    expect(sink.take()).toMatch(/^\[gop \d+\]\[V \d+ key\]/);
  });

  test("a viewer whose socket has room again gets the rest, though no frame follows", () => {
    const { rendition, input, flush } = setUp();
    key(input, 0);
    const { sink } = join(rendition);
    sink.isStuck = true;
    delta(input, 10);
    flush();
    delta(input, 20);
    flush();
    sink.take();
    sink.isStuck = false;
    sink.pendingBytes = 0;
    rendition.checkBlocked(100);
    expect(sink.take()).toBe("[V 1020]");
  });

  test("at the end of a stream a viewer gets the rest, though its socket is full", () => {
    const { rendition, input, flush } = setUp();
    key(input, 0);
    const { sink } = join(rendition);
    sink.isStuck = true;
    for (let dts = 10; dts <= 30; dts += 10) {
      delta(input, dts);
      flush();
    }
    rendition.close("stream ended", 0);
    expect(sink.take().endsWith("[V 1010][V 1020][V 1030]")).toBe(true);
    expect(sink.reason).toBe("stream ended");
  });

  test("memory of a viewer that leaves with a full socket is given back, and not used again", () => {
    const pool = testPool();
    const log = emptyLog();
    const rendition = new Rendition(textFormat, log, pool, testRenditionOptions);
    const input = testWriter({}, log).beginInput();
    input.track(video);
    key(input, 0);
    const { sink, cursor } = join(rendition);
    sink.isStuck = true;
    delta(input, 10);
    rendition.pull();
    rendition.flushAll(0);
    cursor.end("peer left");
    const taken = pool.budget.usedBytes;
    expect(taken).toBeGreaterThan(0);
    rendition.close("stream ended", 0);
    expect(pool.budget.usedBytes).toBe(0);
  });

  test("a paused viewer gets nothing and goes on at the newest key frame", () => {
    const { rendition, input, flush } = setUp();
    key(input, 0);
    const { sink, cursor } = join(rendition);
    sink.take();
    rendition.pause(cursor);
    delta(input, 40);
    key(input, 80);
    flush();
    expect(sink.take()).toBe("");
    rendition.resume(cursor);
    flush();
    expect(sink.take()).toBe("[gop 1080][V 1080 key]");
  });
});
