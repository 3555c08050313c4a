import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ChunkedBody } from "./chunked-body.ts";
import { Histogram } from "./histogram.ts";
import { MediaTally } from "./media-tally.ts";

const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);

function read(pieces: readonly Uint8Array[]): { text: string; tally: MediaTally } {
  const tally = new MediaTally({ nowMs: 0, inWindow: false }, new Histogram());
  let text = "";
  const body = new ChunkedBody({ push: (bytes) => void (text += new TextDecoder().decode(bytes)) }, tally);
  for (const piece of pieces) body.push(piece);
  return { text, tally };
}

const BODY = ascii("5\r\nhello\r\n7;name=value\r\n, world\r\n0\r\n\r\n");

describe("ChunkedBody", () => {
  test("says the same however the bytes are cut", () => {
    fc.assert(
      fc.property(fc.nat(BODY.length), fc.nat(BODY.length), (a, b) => {
        const [first, second] = [Math.min(a, b), Math.max(a, b)];
        const { text, tally } = read([BODY.subarray(0, first), BODY.subarray(first, second), BODY.subarray(second)]);
        expect(text).toBe("hello, world");
        expect(tally.framingErrors).toBe(0);
      }),
    );
  });

  test.each(["xyz\r\n", "fffffffff\r\n", "1\r\nab"])("%j is a framing error", (text) => {
    expect(read([ascii(text)]).tally.framingErrors).toBe(1);
  });
});
