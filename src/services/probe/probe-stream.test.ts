import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { FlvTag } from "../../containers/flv/flv-tag.ts";
import { readFlvTags } from "../clients/flv-tags.ts";
import { SmallServer } from "../clients/servers-testing.ts";
import { parseStreamUrl } from "../clients/stream-url.ts";
import { probeStream } from "./probe-stream.ts";

const play: FlvTag[] = [];
async function* demoBytes() {
  yield readFileSync(join(import.meta.dirname, "../../../assets/demo.flv"));
}
for await (const tag of readFlvTags(demoBytes())) play.push(tag);

const signal = new AbortController().signal;

test.each(["rtmp", "http", "ws"] as const)("a probe by %s tells what the stream is", async (protocol) => {
  await using small = await SmallServer.start(protocol, { play });
  const report = await probeStream(parseStreamUrl(small.url), { signal });
  expect(report).toMatchObject({ url: small.url, seenMs: 15_979, gopMs: 2000 });
  expect(report.interleaveMs.max).toBeLessThanOrEqual(40);
  expect(
    report.tracks.map(({ codecString, width, fps, sampleRate, channels }) => [codecString, width, fps, sampleRate, channels]),
  ).toEqual([
    ["avc1.64001f", 640, 30, 0, 0],
    ["mp4a.40.2", 0, 46.87, 48_000, 2],
  ]);
  expect(report.bitrateBps).toBe(report.tracks[0]!.bitrateBps + report.tracks[1]!.bitrateBps);
  expect(report.tracks[1]!.bitrateBps).toBeGreaterThan(50_000);
  expect(report.tracks[0]!.hasBFrames).toBe(false);
});

test("a stream that ends before a frame came is an error", async () => {
  await using small = await SmallServer.start("http", { play: play.slice(0, 1) });
  await expect(probeStream(parseStreamUrl(small.url), { signal })).rejects.toThrow("ended before a frame came");
});
