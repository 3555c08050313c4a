import { existsSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parseStat, readProcessUsage, statusBytes } from "./process-usage.ts";

describe("process usage", () => {
  test("a name with spaces and parentheses does not shift the fields of stat", () => {
    const stat = "77 (node) (x)) S 12 77 77 0 -1 4194560 9 0 0 0 310 45 0 0 20 0 11 0 5 6 7";
    expect(parseStat(stat)).toEqual({ parent: 12, userTicks: 310, systemTicks: 45 });
  });

  test("sizes of status are in kB", () => {
    expect(statusBytes("VmHWM:\t  200 kB\nVmRSS:\t    100 kB\n", "VmRSS")).toBe(102_400);
    expect(statusBytes("", "VmRSS")).toBe(0);
  });

  test.runIf(existsSync("/proc/self/schedstat"))("busy time of this process shows", () => {
    const before = readProcessUsage(process.pid);
    const endMs = performance.now() + 20;
    while (performance.now() < endMs);
    const after = readProcessUsage(process.pid);
    expect(after!.cpuUs - before!.cpuUs).toBeGreaterThan(1_000);
    expect(after!.rssBytes).toBeGreaterThan(10_000_000);
  });

  test("a process that is not there has no usage", () => {
    expect(readProcessUsage(2 ** 30)).toBeUndefined();
  });
});
