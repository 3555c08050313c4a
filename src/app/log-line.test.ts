import { describe, expect, test } from "vitest";
import { formatLogLine } from "./log-line.ts";

const time = new Date(2026, 0, 2, 3, 4, 5).toISOString();
const line = (fields: object, colors = false) => formatLogLine(JSON.stringify({ level: "info", time, ...fields }), colors);

describe("a log line for people", () => {
  test.each([
    [{ stream: "live/talk", graceMs: 15_000, msg: "publisher left" }, "publisher left  stream=live/talk graceMs=15000"],
    [{ reason: "the publisher stopped", msg: "left" }, 'left  reason="the publisher stopped"'],
    [{ from: "", busy: 0.5, last: true, msg: "publishing" }, "publishing  busy=0.5 last=true"],
    [{ level: "warn", msg: "media worker does not answer" }, "WARN media worker does not answer"],
    [{ level: "error", thread: "media 0", msg: "failed" }, 'ERROR failed  thread="media 0"'],
    [{ level: "debug", msg: "waits" }, "DEBUG waits"],
  ])("%j", (fields, expected) => {
    expect(line(fields)).toBe(`03:04:05 ${expected}\n`);
  });

  test("holds no control character that a peer chose, and no line break", () => {
    expect(line({ url: "/\x1b[2J\u009b1A\r\n", key: "\x1b]0;x\x07", msg: "a\nb" })).toMatch(/^[^\p{Cc}]+\n$/u);
  });

  test("is coloured where that was asked for", () => {
    expect(line({ level: "error", msg: "failed", worker: 1 }, true)).toBe(
      "\x1b[2m03:04:05\x1b[0m \x1b[31mERROR \x1b[0mfailed  \x1b[2mworker=1\x1b[0m\n",
    );
  });
});
