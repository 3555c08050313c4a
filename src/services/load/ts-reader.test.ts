import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Histogram } from "./histogram.ts";
import { writeMarker } from "./marker.ts";
import { MediaTally } from "./media-tally.ts";
import { TsReader } from "./ts-reader.ts";

const SENT_MS = 1_700_000_000_000;
const VIDEO_PID = 256;
const AUDIO_PID = 257;

interface Pes {
  readonly pid: number;
  readonly streamId: number;
  /** 90 kHz. */
  readonly pts: number;
  readonly isKey?: boolean;
  readonly payload: Uint8Array;
}

/** PES packets in TS packets, stuffed by adaptation fields. ISO/IEC 13818-1 §2.4.3. */
function ts(packets: readonly Pes[]): Uint8Array {
  const counters = new Map<number, number>();
  const out: number[] = [];
  for (const { pid, streamId, pts, isKey, payload } of packets) {
    const time = [0x21 | ((pts / 0x4000_0000) << 1), pts >> 22, (pts >> 14) | 1, pts >> 7, (pts << 1) | 1];
    const bytes = [0, 0, 1, streamId, 0, 0, 0x80, 0x80, 5, ...time, ...payload];
    for (let at = 0; at < bytes.length; ) {
      const isFirst = at === 0;
      const mustHave = isFirst && isKey ? 2 : 0;
      const room = Math.min(184 - mustHave, bytes.length - at);
      const field = 184 - room;
      const counter = counters.get(pid) ?? 0;
      counters.set(pid, (counter + 1) & 15);
      out.push(0x47, (isFirst ? 0x40 : 0) | (pid >> 8), pid & 255, (field > 0 ? 0x30 : 0x10) | counter);
      if (field > 0) out.push(field - 1);
      if (field > 1) out.push(isFirst && isKey ? 0x40 : 0, ...new Array<number>(field - 2).fill(255));
      out.push(...bytes.slice(at, at + room));
      at += room;
    }
  }
  return Uint8Array.from(out, (byte) => byte & 255);
}

function frame(number: number, markerAt = 20): Uint8Array {
  const bytes = new Uint8Array(700).fill(0x80);
  writeMarker(bytes, markerAt, SENT_MS * 1000, number);
  return bytes;
}

const video = (number: number, markerAt = 20): Pes => ({
  pid: VIDEO_PID,
  streamId: 0xe0,
  pts: number * 3000,
  isKey: number === 0,
  payload: frame(number, markerAt),
});
const audio = (number: number): Pes => ({
  pid: AUDIO_PID,
  streamId: 0xc0,
  pts: number * 3000,
  payload: new Uint8Array(100),
});
const STREAM = ts([video(0), audio(0), video(1, 150), audio(1), video(2), audio(2), video(3)]);

function reader(): { tally: MediaTally; reader: TsReader; latencyUs: Histogram; clock: { nowMs: number; inWindow: boolean } } {
  const clock = { nowMs: SENT_MS + 7, inWindow: true };
  const latencyUs = new Histogram();
  const tally = new MediaTally(clock, latencyUs);
  return { tally, reader: new TsReader(tally, clock), latencyUs, clock };
}

describe("TsReader", () => {
  test("counts frames that have ended, and finds markers across the border of two packets", () => {
    const read = reader();
    read.reader.push(STREAM);
    expect(read.tally).toMatchObject({
      video: 3,
      audio: 2,
      lostFrames: 0,
      backwards: 0,
      framingErrors: 0,
      isFirstVideoKey: true,
    });
    expect(read.latencyUs.count).toBe(3);
  });

  test("a frame is complete with its last packet, not when the next one begins", () => {
    const read = reader();
    read.reader.push(ts([video(0)]));
    read.clock.nowMs += 33;
    read.reader.push(ts([video(1)]).map((byte, i) => (i % 188 === 3 ? (byte & 0xf0) | (((byte & 15) + 4) & 15) : byte)));
    expect(read.tally.firstKeyMs).toBe(SENT_MS + 7);
    expect(read.tally.framingErrors).toBe(0);
  });

  test("says the same however the bytes are cut", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(STREAM.length), { maxLength: 8 }), (cuts) => {
        const read = reader();
        const borders = [0, ...cuts.toSorted((a, b) => a - b), STREAM.length];
        borders.forEach((border, i) => {
          if (i > 0) read.reader.push(STREAM.subarray(borders[i - 1], border));
        });
        expect(read.tally).toMatchObject({ video: 3, audio: 2, framingErrors: 0 });
      }),
    );
  });

  test("a lost packet is a framing error, and a missing sync byte ends it", () => {
    const lost = reader();
    lost.reader.push(Uint8Array.from([...STREAM.subarray(0, 188), ...STREAM.subarray(376)]));
    expect(lost.tally.firstError).toBe("ts: continuity counter");
    const outOfStep = reader();
    outOfStep.reader.push(STREAM.subarray(1));
    expect(outOfStep.tally).toMatchObject({ framingErrors: 1, firstError: "ts: no sync byte" });
  });

  test("random packets throw nothing", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ minLength: 187, maxLength: 187 }), { maxLength: 5 }), (packets) => {
        const read = reader();
        for (const packet of packets) read.reader.push(Uint8Array.of(0x47, ...packet));
        expect(read.tally.firstError).not.toBe("ts: no sync byte");
      }),
    );
  });
});
