import { describe, expect, test } from "vitest";
import { parseLoadTarget } from "./load-target.ts";
import { listen, serveFlv } from "./load-testing.ts";
import { planViewers } from "./viewer-plan.ts";
import { ViewerPool } from "./viewer-pool.ts";

const STALL_MS = 150;

interface Asked {
  readonly viewers?: number;
  readonly pulse?: number;
  readonly isSampled?: boolean;
  readonly expectedBps?: number;
  readonly windowMs?: number;
}

/** Opens viewers at once, and is done when the window is over. */
async function watch(url: string, { viewers = 6, pulse = 0, isSampled = false, expectedBps = 0, windowMs = 300 }: Asked) {
  const nowMs = performance.timeOrigin + performance.now();
  const windowStartMs = nowMs + 200;
  const [plan] = planViewers({
    viewers,
    sampled: 0,
    threads: 1,
    targets: 1,
    rampStartMs: nowMs,
    rampPerSecond: 1000,
    pulse: { viewers: pulse, startMs: windowStartMs, overMs: 10 },
    isLoopback: true,
  });
  const windowEndMs = windowStartMs + windowMs;
  const pool = new ViewerPool({
    targets: [parseLoadTarget(url)],
    addresses: ["127.0.0.1"],
    plan: plan!,
    isSampled,
    windowStartMs,
    windowEndMs,
    stallMs: STALL_MS,
    expectedBps,
  });
  await new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      pool.tick();
      if (performance.timeOrigin + performance.now() < windowEndMs) return;
      clearInterval(timer);
      resolve();
    }, 2);
  });
  const results = pool.finish();
  pool.close();
  return results;
}

describe("ViewerPool", () => {
  test("all viewers of a steady stream are served", async () => {
    await using server = await listen(serveFlv);
    const { base, sampled } = await watch(server.url, { isSampled: true });
    expect(base).toMatchObject({ connected: 6, gotMedia: 6, watching: 6 });
    expect(base.windowBytes).toBeGreaterThan(0);
    expect(sampled?.viewers).toMatchObject({ viewers: 6, withMedia: 6, framingErrors: 0, startedWithoutKey: 0 });
  });

  test("refusals, closed connections and rates that are too low are told apart", async () => {
    let count = 0;
    await using server = await listen((socket) => {
      count++;
      if (count % 3 === 0) socket.end("HTTP/1.1 404 Not Found\r\n\r\nno such stream");
      else if (count % 3 === 1) socket.end();
      else serveFlv(socket);
    });
    const { base } = await watch(server.url, { expectedBps: 10_000_000 });
    expect(base.failures).toEqual({ local: 0, connect: 0, refused: 2, "closed-before-media": 2, "closed-later": 0 });
    expect(base).toMatchObject({ watching: 2, starved: 2 });
  });

  test("a server that falls silent makes stalls", async () => {
    await using server = await listen((socket) => socket.write(`HTTP/1.1 200 OK\r\n\r\n${"-".repeat(100)}`));
    const { base } = await watch(server.url, { viewers: 2, windowMs: 1000 });
    expect(base).toMatchObject({ watching: 2, stalledViewers: 2, stalls: 2 });
    expect(base.longestGapMs).toBeGreaterThan(STALL_MS);
  });

  test("a pulse is counted apart from those that watched before", async () => {
    await using server = await listen(serveFlv);
    const { base, pulse } = await watch(server.url, { viewers: 3, pulse: 4 });
    expect(base.watching).toBe(3);
    expect(pulse).toMatchObject({ connected: 4, watching: 4 });
  });

  test("nobody listening is a failure of every viewer", async () => {
    const server = await listen(serveFlv);
    await server[Symbol.asyncDispose]();
    const { base } = await watch(server.url, {});
    expect(base.failures.connect).toBe(6);
    expect(base.firstFailure).toMatch(/ECONNREFUSED/);
  });
});
