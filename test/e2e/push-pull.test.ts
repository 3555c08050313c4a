import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { until } from "../support/deadline.ts";
import { readEnhanced } from "../support/enhanced-tags.ts";
import { framesOf, readFlv, type Tag } from "../support/flv-reader.ts";
import { expectMonotonic, ofKind, readMedia } from "../support/media-reader.ts";
import { mp4Packets } from "../support/mp4-packets.ts";
import { requireClients, sluice } from "../support/programs.ts";
import { LivePublisher, RtmpPublisher } from "../support/publishers.ts";
import { type SampleName, sample, temporaryFolder } from "../support/samples.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { HttpViewer } from "../support/viewers.ts";

let server: TestServer;
const asking = new Set<string>();
let streams = 0;
const newStream = () => `live/file${streams++}`;

beforeAll(async () => {
  server = await startServer({
    limits: { waitForPublishMs: 20_000, publisherGraceMs: 100 },
    authorize: async ({ action, app, name }) => {
      if (action === "play") asking.add(`${app}/${name}`);
      return { allow: true };
    },
  });
});
afterAll(() => server[Symbol.asyncDispose]());

/** Where a stream is published and where it is played by one protocol. */
interface Urls {
  publish(stream: string): string;
  play(stream: string): string;
}

/** Pushes a file and pulls it at the same time, both by our own command line; gives the pulled file's path. */
async function pushAndPull(file: string, { publish, play }: Urls, folder: string): Promise<string> {
  const stream = newStream();
  const pulled = join(folder, "pulled.flv");
  await using pull = sluice("pull", play(stream), pulled);
  await until("pull asks for the stream", () => asking.has(stream), 20_000);
  await using push = sluice("push", file, publish(stream), "--speed", "3");
  await push.success();
  await pull.success();
  return pulled;
}

type Protocol = "RTMP" | "HTTP-FLV" | "WS-FLV";

const URLS: Readonly<Record<Protocol, Urls>> = {
  RTMP: { publish: (stream) => server.rtmp(stream), play: (stream) => server.rtmp(stream) },
  "HTTP-FLV": { publish: (stream) => server.http(stream), play: (stream) => server.http(`${stream}.flv`) },
  "WS-FLV": { publish: (stream) => server.ws(stream), play: (stream) => server.ws(`${stream}.flv`) },
};

test.for<{ name: SampleName; protocol: Protocol }>([
  { name: "av.mp4", protocol: "RTMP" },
  { name: "av.ts", protocol: "RTMP" },
  { name: "av.mp4", protocol: "WS-FLV" },
])("$name by $protocol comes back with the same pictures and sound", async ({ name, protocol }, context) => {
  requireClients(context, "ffmpeg");
  using folder = temporaryFolder();
  const file = await sample(name);
  const pulled = await readMedia(await pushAndPull(file, URLS[protocol], folder.path));
  const source = await readMedia(file);
  expect(pulled.complaints).toBe("");
  for (const kind of ["video", "audio"] as const) {
    expectMonotonic(ofKind(pulled.packets, kind));
    expect(ofKind(pulled.packets, kind).length).toBe(ofKind(source.packets, kind).length);
  }
  const pictures = (reading: typeof source) => ofKind(reading.decoded, "video").map(({ checksum }) => checksum);
  expect(pictures(pulled)).toEqual(pictures(source));
});

test.for<{ name: SampleName; fourCc: string; protocol: Protocol }>([
  { name: "hevc.mp4", fourCc: "hvc1", protocol: "RTMP" },
  { name: "hevc.mp4", fourCc: "hvc1", protocol: "WS-FLV" },
  { name: "av1.mp4", fourCc: "av01", protocol: "RTMP" },
  { name: "av1.mp4", fourCc: "av01", protocol: "HTTP-FLV" },
])("$name by $protocol comes back byte for byte", async ({ name, fourCc, protocol }, context) => {
  requireClients(context, "ffmpeg", "ffprobe");
  using folder = temporaryFolder();
  const file = await sample(name);
  const tags = readFlv(readFileSync(await pushAndPull(file, URLS[protocol], folder.path)));
  const video = framesOf(tags, 9).map(bodyOf);
  const packets = (await mp4Packets(file)).filter(({ kind }) => kind === "video");
  expect(video.map((body) => body.fourCc)).toEqual(packets.map(() => fourCc));
  expect(video.map((body) => body.payload.length)).toEqual(packets.map(({ data }) => data.length));
  for (const [i, { payload }] of video.entries())
    expect(Buffer.from(payload).equals(packets[i]!.data), `payload ${i}`).toBe(true);
});

function bodyOf(tag: Tag) {
  const body = readEnhanced(tag);
  if (!body) throw new Error("a tag without FourCC");
  return body;
}

describe("when the connection breaks", () => {
  test("push publishes again, and its viewers go on", async () => {
    await using own = await startServer({ limits: { publisherGraceMs: 20_000, takeover: "takeover" } });
    await using push = sluice("push", await sample("short-gops.flv"), own.rtmp("live/loop"), "--loop");
    await own.live("live/loop");
    using viewer = new HttpViewer(own.http("live/loop.flv"));
    await viewer.frames(75); // a connection that was refused sooner was not meant to be
    using thief = await LivePublisher.start(own.rtmpPort, "live/loop");
    const taken = own.report("live/loop")?.publisher?.since;
    thief.finish();
    await until("push is back", () => (own.report("live/loop")?.publisher?.since ?? 0) > (taken ?? 0), 30_000);
    await viewer.moreFrames(20);
    expect(viewer.end).toBeUndefined();
    push.kill("SIGINT");
    expect((await push.exit()).signal).toBeNull();
  });

  test("push without reconnects fails with the server's words", async () => {
    using holder = new RtmpPublisher(server.rtmpPort, "live/taken");
    await holder.ready();
    await using push = sluice("push", await sample("av.flv"), server.rtmp("live/taken"), "--no-reconnect");
    const { code } = await push.exit();
    expect(code).toBeGreaterThan(0);
    expect(push.stderr).toContain("published already");
  });
});
