import { describe, expect, test } from "vitest";
import { listen, serveFlv } from "./load-testing.ts";
import { runLoad } from "./run-load.ts";

/** Threads take long to start where many tests run at once. */
const TIMEOUT_MS = 30_000;

describe("runLoad", () => {
  test("viewers of several threads come to one report, with what the server took", { timeout: TIMEOUT_MS }, async () => {
    await using server = await listen(serveFlv);
    const phases = new Set<string>();
    const report = await runLoad({
      urls: [server.url],
      viewers: 6,
      sampled: 2,
      rampPerSecond: 100,
      settleSeconds: 0.6,
      holdSeconds: 0.6,
      serverPid: process.pid,
      onProgress: ({ phase }) => phases.add(phase),
    });
    expect(report.viewers).toMatchObject({ wanted: 6, connected: 6, watching: 6, starved: 0 });
    expect(report.viewers.firstKeyMs.count).toBe(6);
    expect(report.sampled).toMatchObject({ viewers: 2, withMedia: 2, framingErrors: 0 });
    expect(report.server?.cpuUsPerViewerSecond).toBeGreaterThan(0);
    expect(phases).toContain("window");
  });

  test("an aborted run rejects, and its viewers leave", { timeout: TIMEOUT_MS }, async () => {
    const left = Promise.withResolvers<void>();
    const controller = new AbortController();
    await using server = await listen((socket) => {
      serveFlv(socket);
      socket.once("close", () => left.resolve());
      controller.abort();
    });
    const running = runLoad({ urls: [server.url], viewers: 1, sampled: 0, signal: controller.signal });
    await expect(running).rejects.toThrow("aborted");
    await left.promise;
  });
});
