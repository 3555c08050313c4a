import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ByteWriter } from "../../bytes/byte-writer.ts";
import { FlvReader } from "./flv-reader.ts";
import { Histogram } from "./histogram.ts";
import type { LoadClock } from "./load-clock.ts";
import { MediaTally } from "./media-tally.ts";
import { STANDARD_SHAPE, SyntheticStream } from "./synthetic-stream.ts";

const SENT_MS = 1_700_000_000_000;

interface Tag {
  readonly type: number;
  readonly timestamp: number;
  readonly payload: Uint8Array;
}

/** A file as the standard has it: annex E.2 and E.4.1. */
function flv(tags: readonly Tag[]): Uint8Array {
  const w = new ByteWriter();
  w.ascii("FLV");
  w.u8(1);
  w.u8(5);
  w.u32(9);
  w.u32(0);
  for (const { type, timestamp, payload } of tags) {
    w.u8(type);
    w.u24(payload.length);
    w.u24(timestamp & 0xffffff);
    w.u8(timestamp >>> 24);
    w.u24(0);
    w.put(payload);
    w.u32(payload.length + 11);
  }
  return w.toBytes();
}

function tags(numbers: readonly number[]): Tag[] {
  const stream = new SyntheticStream(STANDARD_SHAPE);
  const start = stream.start().map((body) => ({ ...body, timestamp: 0 }));
  return numbers.reduce<Tag[]>((list, number) => {
    const { type, payload } = stream.video(number, SENT_MS * 1000);
    list.push({ type, payload: payload.slice(), timestamp: number * 33 }, { ...stream.audio(), timestamp: number * 33 });
    return list;
  }, start);
}

function reader(clock: LoadClock = { nowMs: SENT_MS + 5, inWindow: true }): {
  tally: MediaTally;
  reader: FlvReader;
  latencyUs: Histogram;
} {
  const latencyUs = new Histogram();
  const tally = new MediaTally(clock, latencyUs);
  return { tally, reader: new FlvReader(tally), latencyUs };
}

describe("FlvReader", () => {
  test("counts frames, not configurations, and measures from marker to arrival", () => {
    const read = reader();
    read.reader.push(flv(tags([0, 1, 2])));
    expect(read.tally).toMatchObject({ video: 3, audio: 3, lostFrames: 0, backwards: 0, framingErrors: 0 });
    expect(read.tally).toMatchObject({ isFirstVideoKey: true, firstKeyMs: SENT_MS + 5 });
    expect(read.latencyUs.quantiles(1000).p50).toBeCloseTo(5, 1);
  });

  test("says the same however the bytes are cut", () => {
    const bytes = flv(tags([0, 1, 2]));
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length), { maxLength: 12 }), (cuts) => {
        const read = reader();
        const borders = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
        borders.forEach((border, i) => {
          if (i > 0) read.reader.push(bytes.subarray(borders[i - 1], border));
        });
        expect(read.tally).toMatchObject({ video: 3, audio: 3, framingErrors: 0, firstKeyMs: SENT_MS + 5 });
      }),
    );
  });

  test("numbers that are missing or come again, and times that run backwards, are counted", () => {
    const missing = reader();
    missing.reader.push(flv(tags([0, 1, 4])));
    expect(missing.tally).toMatchObject({ lostFrames: 2, backwards: 0 });
    const again = reader();
    again.reader.push(flv(tags([0, 2, 1])));
    expect(again.tally.backwards).toBe(3); // timestamps of both kinds, and the number
  });

  test("a stream that begins between key frames is noticed", () => {
    const read = reader();
    read.reader.push(flv(tags([1, 2])));
    expect(read.tally).toMatchObject({ isFirstVideoKey: false, firstKeyMs: 0, video: 2 });
  });

  test("outside the window nothing is measured", () => {
    const read = reader({ nowMs: SENT_MS, inWindow: false });
    read.reader.push(flv(tags([0, 1])));
    expect(read.latencyUs.count).toBe(0);
  });

  test.each([
    ["another file header", (bytes: Uint8Array) => bytes.fill(0x47, 0, 1), "flv: file header"],
    ["an unknown tag type", (bytes: Uint8Array) => bytes.fill(7, 13, 14), "flv: tag type 7"],
    ["a wrong PreviousTagSize", (bytes: Uint8Array) => bytes.fill(9, bytes.length - 1), "flv: PreviousTagSize"],
  ])("%s is a framing error", (_, spoil, what) => {
    const read = reader();
    read.reader.push(spoil(flv(tags([0]))));
    expect(read.tally).toMatchObject({ framingErrors: 1, firstError: what });
  });

  test("random bytes are counted as errors at most, and throw nothing", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const read = reader();
        read.reader.push(flv([]));
        read.reader.push(bytes);
        expect(read.tally.framingErrors).toBeLessThanOrEqual(1 + bytes.length / 15);
      }),
    );
  });
});
