import { describe, expect, test } from "vitest";
import { FrameLogReader, LogEntry } from "./frame-log-reader.ts";
import { emptyLog } from "./frame-log-writer.ts";
import { testFrame, testTrack, testWriter } from "./hub-testing.ts";
import { readPrologue } from "./prologue-codec.ts";
import type { StreamWriter } from "./stream-writer.ts";
import { FIRST_OUTPUT_MS as T0 } from "./timeline.ts";

const video = testTrack("video");
const audio = testTrack("audio");
let log = emptyLog();

/** The log's entries as text: `P1 gop seg0`, `V1000 key`, `A1010`. */
function entries(from = 0): string[] {
  const reader = new FrameLogReader(log);
  const entry = new LogEntry();
  const found: string[] = [];
  reader.seek(from);
  while (reader.read(entry)) {
    const marks = `${entry.isGopStart ? " gop" : ""}${entry.isSegmentStart ? ` seg${entry.segment}/${entry.discontinuity}` : ""}`;
    if (entry.isPrologue) found.push(`P${readPrologue(entry.payload).version}${marks}`);
    else found.push(`${entry.trackId === 0 ? "V" : "A"}${entry.dts}${entry.trackId === 0 && entry.isKey ? " key" : ""}`);
  }
  return found;
}

function begin(): StreamWriter {
  log = emptyLog();
  return testWriter({ onReplaced: (larger) => (log = larger) }, log);
}

describe("StreamWriter", () => {
  test("puts a prologue in front of every GOP and cuts segments at key frames that are due", () => {
    const input = begin().beginInput();
    input.track(video);
    input.track(audio);
    for (const dts of [0, 1000, 2000]) {
      input.frame(testFrame(video, dts, true));
      input.frame(testFrame(audio, dts + 5));
      input.frame(testFrame(video, dts + 500));
    }
    expect(entries()).toEqual([
      "P1 gop seg0/0",
      `V${T0} key`,
      `A${T0 + 5}`,
      `V${T0 + 500}`,
      "P1 gop",
      `V${T0 + 1000} key`,
      `A${T0 + 1005}`,
      `V${T0 + 1500}`,
      "P1 gop seg1/0",
      `V${T0 + 2000} key`,
      `A${T0 + 2005}`,
      `V${T0 + 2500}`,
    ]);
  });

  test("drops video before the first key frame but keeps audio, which begins the stream", () => {
    const writer = begin();
    const input = writer.beginInput();
    input.track(audio);
    input.track(video);
    input.frame(testFrame(video, 0));
    input.frame(testFrame(audio, 10));
    input.frame(testFrame(video, 40));
    input.frame(testFrame(video, 80, true));
    expect(entries()).toEqual(["P1 gop seg0/0", `A${T0}`, "P1 gop", `V${T0 + 70} key`]);
    expect(writer.counters.droppedBeforeKey).toBe(2);
  });

  test("with audio alone a viewer can join once a second", () => {
    const input = begin().beginInput();
    input.track(audio);
    for (let dts = 0; dts <= 2500; dts += 500) input.frame(testFrame(audio, dts));
    expect(entries().filter((entry) => entry.startsWith("P"))).toEqual(["P1 gop seg0/0", "P1 gop", "P1 gop seg1/0"]);
  });

  test("a changed configuration is a new prologue at the next GOP and begins a segment with a discontinuity", () => {
    const input = begin().beginInput();
    input.track(video);
    input.frame(testFrame(video, 0, true));
    input.track(testTrack("video", [2]));
    input.frame(testFrame(video, 500, true));
    expect(entries()).toEqual(["P1 gop seg0/0", `V${T0} key`, "P2 gop seg1/1", `V${T0 + 500} key`]);
  });

  test("a track that appears later is announced before its first frame", () => {
    const input = begin().beginInput();
    input.track(video);
    input.frame(testFrame(video, 0, true));
    input.track(audio);
    input.frame(testFrame(audio, 20));
    expect(entries()).toEqual(["P1 gop seg0/0", `V${T0} key`, "P2", `A${T0 + 20}`]);
  });

  test("a publisher that returns goes on behind the last frame, key frame first, in a new segment, with the same prologue", () => {
    const writer = begin();
    const first = writer.beginInput();
    first.track(video);
    first.track(audio);
    first.frame(testFrame(video, 0, true));
    first.frame(testFrame(audio, 10));
    const second = writer.beginInput();
    second.track(video);
    second.frame(testFrame(video, 70_000));
    second.frame(testFrame(video, 70_040, true));
    second.track(audio);
    second.frame(testFrame(audio, 70_050));
    first.frame(testFrame(video, 40, true));
    const resumed = entries(3);
    expect(resumed[0]).toBe("P1 gop seg1/1");
    const [v, a] = resumed.slice(1).map((entry) => Number.parseInt(entry.slice(1), 10));
    expect(v).toBeGreaterThan(T0 + 10);
    expect(a).toBe((v ?? 0) + 10);
    expect(resumed.length).toBe(3);
  });

  test("another thread goes on with the same numbers where one has died", () => {
    let offset: number | undefined;
    log = emptyLog();
    const first = testWriter({ saveOffset: (ms) => (offset = ms) }, log);
    const input = first.beginInput();
    input.track(video);
    for (const dts of [5000, 5040, 7040]) input.frame(testFrame(video, dts, dts !== 5040));
    const second = testWriter({}, log, offset).beginInput(true);
    second.frame(testFrame(video, 7080));
    second.frame(testFrame(video, 9040, true));
    expect(entries(3)).toEqual(["P1 gop seg1/0", `V${T0 + 2040} key`, `V${T0 + 2080}`, "P1 gop seg2/0", `V${T0 + 4040} key`]);
  });

  test("refuses a frame above the limit", () => {
    log = emptyLog();
    const input = testWriter({ maxFrameBytes: 100 }, log).beginInput();
    input.track(video);
    expect(() => input.frame(testFrame(video, 0, true, 101))).toThrow("a frame of 101 bytes is above the limit of 100");
  });
});
