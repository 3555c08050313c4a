import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FLAG_GOP_START, type SharedLog } from "./frame-log.ts";
import { FrameLogReader, LogEntry } from "./frame-log-reader.ts";
import { type EntryFields, FrameLogWriter } from "./frame-log-writer.ts";

const fields = (timeMs: number, flags = 0): EntryFields => ({
  dts: timeMs,
  pts: timeMs + 1,
  ptsNanos: 7,
  timeMs,
  arrivalMs: 1e12 + timeMs,
  trackId: 256,
  flags,
  segment: 3,
  discontinuity: 1,
  version: 2,
});

/** A payload that says its number in every byte, so a torn or misplaced one is seen. */
const payload = (n: number, size: number) => new Uint8Array(size).fill(n & 0xff);

describe("frame log", () => {
  test("gives a reader every entry as it was written, in order", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 3000 }), { maxLength: 200 }), (sizes) => {
        const writer = FrameLogWriter.create({ windowMs: 1000, maxDataBytes: 1 << 20 });
        const reader = new FrameLogReader(writer.shared);
        const entry = new LogEntry();
        sizes.forEach((size, n) => {
          writer.append(fields(n * 10), payload(n, size));
          expect(reader.read(entry)).toBe(true);
          expect([entry.sequence, entry.dts, entry.pts, entry.ptsNanos, entry.trackId]).toEqual([n, n * 10, n * 10 + 1, 7, 256]);
          expect(entry.payload).toEqual(payload(n, size));
          expect(reader.isValid(entry)).toBe(true);
          expect(reader.read(entry)).toBe(false);
        });
      }),
      { numRuns: 30 },
    );
  });

  test("grows while frames inside the window would be evicted, and a reader goes on in the larger log", () => {
    let current: SharedLog | undefined;
    const writer = FrameLogWriter.create({ windowMs: 10_000, maxDataBytes: 8 << 20 }, (log) => {
      current = log;
    });
    const reader = new FrameLogReader(writer.shared);
    const entry = new LogEntry();
    for (let n = 0; n < 300; n++) writer.append(fields(n * 10), payload(n, 8000));
    expect(current).toBeDefined();
    if (current) reader.replace(current);
    for (let n = 0; n < 300; n++) {
      expect(reader.read(entry)).toBe(true);
      expect(entry.sequence).toBe(n);
      expect(entry.payload).toEqual(payload(n, 8000));
    }
  });

  test("stays at its size once the window fits, and tells an overtaken reader so", () => {
    const writer = FrameLogWriter.create({ windowMs: 100, maxDataBytes: 1 << 20 });
    const reader = new FrameLogReader(writer.shared);
    const entry = new LogEntry();
    writer.append(fields(0), payload(0, 1000));
    reader.read(entry);
    const bytes = writer.allocatedBytes;
    for (let n = 1; n < 5000; n++) writer.append(fields(n * 10), payload(n, 1000));
    expect(writer.allocatedBytes).toBe(bytes);
    expect(reader.isValid(entry)).toBe(false);
    expect(reader.isOvertaken).toBe(true);
    expect(reader.tail).toBeGreaterThan(4000);
  });

  test("knows the newest GOP until it is overwritten", () => {
    const writer = FrameLogWriter.create({ windowMs: 10, maxDataBytes: 1 << 20 });
    const reader = new FrameLogReader(writer.shared);
    expect(reader.newestGop).toBeUndefined();
    writer.append(fields(0), payload(0, 10));
    writer.append(fields(1, FLAG_GOP_START), payload(1, 10));
    expect(reader.newestGop).toBe(1);
    for (let n = 2; n < 5000; n++) writer.append(fields(n * 10), payload(n, 1000));
    expect(reader.newestGop).toBeUndefined();
  });

  test("another writer goes on where the first one ended", () => {
    const first = FrameLogWriter.create({ windowMs: 1000, maxDataBytes: 1 << 20 });
    first.append(fields(0), payload(0, 500));
    const second = new FrameLogWriter(first.shared, { windowMs: 1000, maxDataBytes: 1 << 20 });
    second.append(fields(10), payload(1, 500));
    const reader = new FrameLogReader(first.shared);
    reader.seek(0);
    const entry = new LogEntry();
    expect([reader.read(entry), entry.payload[0]]).toEqual([true, 0]);
    expect([reader.read(entry), entry.payload[0]]).toEqual([true, 1]);
  });

  test("refuses a frame that can never fit", () => {
    const writer = FrameLogWriter.create({ windowMs: 1000, maxDataBytes: 1 << 20 });
    expect(() => writer.append(fields(0), payload(0, (1 << 18) + 1))).toThrow("above a quarter");
  });
});
