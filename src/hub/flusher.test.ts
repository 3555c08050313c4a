import { describe, expect, test } from "vitest";
import { Flusher, type FlusherClock, PHASES } from "./flusher.ts";
import { emptyLog } from "./frame-log-writer.ts";
import { TestSink, testFrame, testPool, testRenditionOptions, testTrack, testWriter, textFormat } from "./hub-testing.ts";
import { Rendition } from "./rendition.ts";

/** A clock that moves only when told, and when work is done. */
class TestClock implements FlusherClock {
  ms = 0;
  workedMs = 0;
  #timers: { at: number; task: () => void }[] = [];
  #soon: (() => void)[] = [];

  now(): number {
    return this.ms;
  }

  cpuMs(): number {
    return this.workedMs;
  }

  work(ms: number): void {
    this.ms += ms;
    this.workedMs += ms;
  }

  soon(task: () => void): void {
    this.#soon.push(task);
  }

  after(delayMs: number, task: () => void): () => void {
    const timer = { at: this.ms + Math.max(0, delayMs), task };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((each) => each !== timer);
    };
  }

  runSoon(): void {
    for (const task of this.#soon.splice(0)) task();
  }

  advance(ms: number): void {
    const end = this.ms + ms;
    for (;;) {
      this.runSoon();
      const next = this.#timers.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      this.#timers = this.#timers.filter((timer) => timer !== next);
      this.ms = Math.max(this.ms, next.at);
      next.task();
    }
    this.ms = Math.max(this.ms, end);
  }
}

function setUp(viewers: number, writeCostMs: number) {
  const clock = new TestClock();
  const log = emptyLog();
  const writer = testWriter({ onReplaced: (larger) => rendition.replaceLog(larger) }, log);
  const rendition: Rendition = new Rendition(textFormat, log, testPool(), testRenditionOptions);
  const flusher = new Flusher(clock, 350);
  flusher.add(rendition);
  const video = testTrack("video");
  const input = writer.beginInput();
  input.track(video);
  input.frame(testFrame(video, 0, true));
  const sinks = Array.from({ length: viewers }, () => new TestSink());
  for (const sink of sinks) {
    rendition.advance(
      rendition.join(sink, "test", () => {}),
      0,
    );
    sink.write = () => {
      sink.writes++;
      clock.work(writeCostMs);
    };
    sink.writes = 0;
  }
  let dts = 0;
  const frame = () => {
    dts += 33;
    input.frame(testFrame(video, dts, dts % 1980 === 0));
    flusher.wake(rendition);
  };
  return { clock, flusher, sinks, frame };
}

describe("Flusher", () => {
  test("writes every frame at once while that is cheap", () => {
    const { clock, flusher, sinks, frame } = setUp(10, 0.001);
    for (let n = 0; n < 60; n++) {
      frame();
      clock.runSoon();
      clock.advance(33);
    }
    expect(flusher.intervalMs).toBe(0);
    expect(sinks[0]?.writes).toBe(60);
  });

  test("stretches the interval under load, so that writing stays within its share of the core", () => {
    const { clock, flusher, sinks, frame } = setUp(2000, 0.02);
    const run = (seconds: number) => {
      const endMs = clock.ms + seconds * 1000;
      while (clock.ms < endMs) {
        frame();
        clock.advance(33);
      }
    };
    run(10);
    expect(flusher.intervalMs).toBeGreaterThan(50);
    expect(flusher.intervalMs).toBeLessThanOrEqual(350);
    const before = sinks.reduce((sum, sink) => sum + sink.writes, 0);
    const startMs = clock.ms;
    run(5);
    const writes = sinks.reduce((sum, sink) => sum + sink.writes, 0) - before;
    expect((writes * 0.02) / (clock.ms - startMs)).toBeLessThan(0.75);
    expect(Math.min(...sinks.map((sink) => sink.writes))).toBeGreaterThan(20);
  });

  test("spreads the viewers over phases, so that no tick writes to all of them", () => {
    const { clock, flusher, sinks, frame } = setUp(320, 0.1);
    for (let n = 0; n < 60; n++) {
      frame();
      clock.advance(33);
    }
    expect(flusher.intervalMs).toBeGreaterThan(0);
    const before = sinks.map((sink) => sink.writes);
    frame();
    clock.advance(flusher.intervalMs / PHASES + 1);
    const written = sinks.filter((sink, i) => sink.writes > (before[i] ?? 0)).length;
    expect(written).toBeLessThan(160);
  });
});
