import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { findMarker, MARKER_BYTES, MARKER_SEARCH_BYTES, writeMarker } from "./marker.ts";

const ascii = (text: string): Uint8Array => Uint8Array.from(text, (c) => c.charCodeAt(0));
const SENT_US = fc.integer({ min: 0, max: 4_000_000_000_000_000 });

describe("marker", () => {
  test("is the name, the time in ns and the number, in hex digits", () => {
    const frame = new Uint8Array(MARKER_BYTES);
    writeMarker(frame, 0, 1_700_000_000_123_456.5, 0xbeef);
    const ns = 1_700_000_000_123_456_500n.toString(16).padStart(16, "0");
    expect(new TextDecoder().decode(frame)).toBe(`pullload-marker1${ns}0000beef`);
  });

  test("what was written is found again behind anything", () => {
    fc.assert(
      fc.property(
        SENT_US,
        fc.nat(0xffffffff),
        fc.nat(MARKER_SEARCH_BYTES - MARKER_BYTES),
        fc.constantFrom(0, 0x70, 0x75),
        (sentUs, sequence, at, filler) => {
          const frame = new Uint8Array(2000).fill(filler);
          writeMarker(frame, at, sentUs, sequence);
          const found = findMarker(frame);
          expect(found?.sequence).toBe(sequence);
          expect(Math.abs(found!.sentUs - sentUs)).toBeLessThan(1);
        },
      ),
    );
  });

  test("is not looked for beyond the first 512 bytes, nor cut off", () => {
    const frame = new Uint8Array(2000);
    writeMarker(frame, MARKER_SEARCH_BYTES - MARKER_BYTES + 1, 1, 1);
    expect(findMarker(frame)).toBeUndefined();
    expect(findMarker(frame.subarray(0, MARKER_SEARCH_BYTES))).toBeUndefined();
  });

  test("digits that are none are no marker", () => {
    expect(findMarker(ascii("pullload-marker1000000000000000g00000000"))).toBeUndefined();
    expect(findMarker(ascii("pullload-marker1000000000000001000000002"))).toEqual({ sentUs: 0.001 * 16, sequence: 2 });
  });

  test("random bytes hold none and throw nothing", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 700 }), (bytes) => findMarker(bytes) === undefined));
  });
});
