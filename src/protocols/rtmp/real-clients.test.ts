import { createHmac, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MediaError } from "../../base/media-error.ts";
import { findDigest, HANDSHAKE_BYTES, SERVER_KEY } from "./handshake-digest.ts";
import { RtmpServerSession } from "./server-session.ts";

const golden = (name: string) => new Uint8Array(readFileSync(resolve(import.meta.dirname, "../../../test/golden/rtmp", name)));
const crypto = {
  hmacSha256: (key: Uint8Array, data: Uint8Array) => new Uint8Array(createHmac("sha256", key).update(data).digest()),
  random: (length: number) => new Uint8Array(randomBytes(length)),
};

/** Everything that a capture makes the session say, with media as [type, timestamp, length]. */
function replay(pieces: Iterable<Uint8Array>) {
  const told: unknown[] = [];
  const media: number[][] = [];
  const sent: Uint8Array[] = [];
  const session = new RtmpServerSession({
    crypto,
    send: (bytes) => sent.push(bytes),
    handler: {
      connect: ({ app, tcUrl }) => {
        told.push(["connect", app, tcUrl.replace(/:\d+/, ":PORT")]);
        session.acceptConnect();
      },
      publish: ({ streamId, app, name, query, mode }) => {
        told.push(["publish", streamId, app, name, query, mode]);
        session.acceptPublish(streamId);
      },
      play: ({ streamId, app, name, query, startMs }) => {
        told.push(["play", streamId, app, name, query, startMs]);
        session.acceptPlay(streamId);
      },
      media: ({ type, timestamp, payload }) => media.push([type, timestamp, payload.length, payload[0] ?? -1]),
      pause: () => told.push("pause"),
      receiveAudio: () => told.push("receiveAudio"),
      receiveVideo: () => told.push("receiveVideo"),
      closeStream: (streamId) => told.push(["closeStream", streamId]),
      acknowledged: () => {},
    },
  });
  for (const piece of pieces) session.push(piece);
  return { told, media, sent };
}

const connected = ["connect", "live", "rtmp://127.0.0.1:PORT/live"];
const published = (query = "") => [connected, ["publish", 1, "live", "cam", query, "live"], ["closeStream", 1]];
const H264 = { key: 0x17, delta: 0x27 };
const AAC = 0xaf;

const captures = [
  { file: "ffmpeg-publish.bin", told: published("key=secret"), counts: { [H264.key]: 4, [H264.delta]: 48, [AAC]: 89 } },
  { file: "ffmpeg-extended-timestamps.bin", told: published(), counts: { [H264.key]: 3 } },
  { file: "gst-rtmp2-publish.bin", told: published(), counts: { [H264.key]: 4, [H264.delta]: 48, [AAC]: 89 } },
  { file: "librtmp-publish.bin", told: published(), counts: { [H264.key]: 4, [H264.delta]: 48 } },
  { file: "ffmpeg-play.bin", told: [connected, ["play", 1, "live", "cam", "", -2000], ["closeStream", 1]], counts: {} },
  { file: "librtmp-play.bin", told: [connected, ["play", 1, "live", "cam", "", -1000], ["closeStream", 1]], counts: {} },
  { file: "gst-rtmp2-play.bin", told: [connected, ["play", 1, "live", "cam", "", -2000]], counts: {} },
];

function* pieces(bytes: Uint8Array, sizes: readonly number[]): Generator<Uint8Array> {
  for (let at = 0, i = 0; at < bytes.length; i++) yield bytes.subarray(at, (at += sizes[i % sizes.length] ?? 1));
}

describe("real clients", () => {
  for (const { file, told, counts } of captures) {
    test(`${file} is understood, also byte by byte`, () => {
      const whole = replay([golden(file)]);
      expect(whole.told).toEqual(told);
      const seen: Record<number, number> = {};
      for (const [type, , , first = -1] of whole.media) if (type !== 18) seen[first] = (seen[first] ?? 0) + 1;
      expect(seen).toEqual(counts);
      const byteByByte = replay(pieces(golden(file), [1]));
      expect([byteByByte.told, byteByByte.media]).toEqual([whole.told, whole.media]);
    });
  }

  test("ffmpeg's signed C1 gets an S1 with a digest in the place that it looks at", () => {
    const { sent } = replay([golden("ffmpeg-publish.bin")]);
    const s1 = sent[0]!.subarray(1, 1 + HANDSHAKE_BYTES);
    expect(s1[4]).toBeGreaterThanOrEqual(3);
    expect(findDigest(crypto, s1, SERVER_KEY)?.schema).toBe(1);
  });

  test("ffmpeg repeats the extended timestamp on type 3 chunks, and the payload is whole", () => {
    const { media } = replay([golden("ffmpeg-extended-timestamps.bin")]);
    expect(media).toContainEqual([9, 17_000_000, 64_264, H264.key]);
  });

  test("changed bytes are understood or end in a MediaError, never otherwise", () => {
    const file = fc.constantFrom(...captures.map((capture) => golden(capture.file).subarray(0, 12_000)));
    const changes = fc.array(fc.tuple(fc.integer({ min: 3073, max: 11_999 }), fc.nat(255)), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(file, changes, (original, bytes) => {
        const changed = original.slice();
        for (const [at, byte] of bytes) changed[at % changed.length] = byte;
        try {
          replay([changed]);
        } catch (error) {
          if (!(error instanceof MediaError)) throw error;
        }
      }),
      { numRuns: 300 },
    );
  });
});
