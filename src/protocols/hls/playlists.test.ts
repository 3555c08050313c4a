import HLS from "hls-parser";
import { expect, test } from "vitest";
import { writeMediaPlaylist } from "./media-playlist.ts";
import { writeMultivariantPlaylist } from "./multivariant-playlist.ts";

test("a media playlist has the tags of RFC 8216 in an order that clients know", () => {
  const text = writeMediaPlaylist({
    targetDuration: 3,
    mediaSequence: 41,
    discontinuitySequence: 2,
    isEnded: true,
    entries: [
      { uri: "41.ts", durationMs: 2000, isDiscontinuous: false, programDateTimeMs: 0 },
      { uri: "42.ts", durationMs: 2833.4, isDiscontinuous: true },
    ],
  });
  expect(text).toBe(`#EXTM3U
#EXT-X-VERSION:3
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-TARGETDURATION:3
#EXT-X-MEDIA-SEQUENCE:41
#EXT-X-DISCONTINUITY-SEQUENCE:2
#EXT-X-PROGRAM-DATE-TIME:1970-01-01T00:00:00.000Z
#EXTINF:2.000,
41.ts
#EXT-X-DISCONTINUITY
#EXTINF:2.833,
42.ts
#EXT-X-ENDLIST
`);
});

test("a segment above the target duration is a bug of the caller", () => {
  const playlist = { targetDuration: 2, mediaSequence: 0, discontinuitySequence: 0, isEnded: false };
  const entry = { uri: "0.ts", isDiscontinuous: false };
  expect(() => writeMediaPlaylist({ ...playlist, entries: [{ ...entry, durationMs: 2500 }] })).toThrow("target duration");
  expect(() => writeMediaPlaylist({ ...playlist, entries: [{ ...entry, uri: "a\n#EXT", durationMs: 1 }] })).toThrow("one line");
});

test("a multivariant playlist says bandwidth, codecs, resolution and frame rate", () => {
  const text = writeMultivariantPlaylist([
    {
      uri: "index.m3u8?v=1",
      bandwidthBps: 1_234_567.2,
      codecs: ["avc1.64001f", "mp4a.40.2"],
      width: 1280,
      height: 720,
      frameRate: 29.97,
    },
    { uri: "audio.m3u8", bandwidthBps: 0, codecs: [], width: 0, height: 0, frameRate: 0 },
  ]);
  const parsed = HLS.parse(text) as HLS.types.MasterPlaylist;
  expect(parsed.variants[0]).toMatchObject({
    uri: "index.m3u8?v=1",
    bandwidth: 1_234_568,
    codecs: "avc1.64001f,mp4a.40.2",
    resolution: { width: 1280, height: 720 },
    frameRate: 29.97,
  });
  expect(text).toContain("#EXT-X-STREAM-INF:BANDWIDTH=1\naudio.m3u8\n");
});
