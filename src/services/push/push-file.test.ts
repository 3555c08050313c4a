import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import type { FlvTag } from "../../containers/flv/flv-tag.ts";
import { FlvTagDemuxer } from "../../containers/flv/tag-demuxer.ts";
import type { Frame } from "../../media/frame.ts";
import { ConnectionError, RefusedError } from "../clients/client-error.ts";
import { SmallServer, type SmallServerOptions } from "../clients/servers-testing.ts";
import { parseStreamUrl, type StreamProtocol } from "../clients/stream-url.ts";
import { readFlvFile } from "./flv-file.ts";
import { MediaEventQueue } from "./media-event.ts";
import { type PushOptions, pushFile } from "./push-file.ts";

// Processes, sockets and ffmpeg take their time on a busy machine.
vi.setConfig({ testTimeout: 30_000 });

const DEMO = join(import.meta.dirname, "../../../assets/demo.flv");
const FRAMES = 480 + 750;
/** Metadata and two decoder configurations. */
const HEAD_TAGS = 3;

const demo: Frame[] = [];
for await (const event of readFlvFile(DEMO)) if (event.kind === "frame") demo.push(event.frame);

function framesOf(tags: readonly FlvTag[]): Frame[] {
  const queue = new MediaEventQueue();
  const demuxer = new FlvTagDemuxer(queue);
  for (const tag of tags) demuxer.read(tag);
  return queue.take().flatMap((event) => (event.kind === "frame" ? [event.frame] : []));
}

async function push(protocol: StreamProtocol, server: SmallServerOptions, options: Partial<PushOptions> = {}) {
  await using small = await SmallServer.start(protocol, server);
  const notices: string[] = [];
  const signal = options.signal ?? new AbortController().signal;
  const onNotice = (line: string) => notices.push(line.replaceAll(small.url, "URL"));
  const end = await pushFile(DEMO, parseStreamUrl(small.url), { speed: 0, onNotice, ...options, signal }).catch((error) => error);
  return { end, notices, published: small.published };
}

describe.each(["rtmp", "http", "ws"] as const)("pushFile by %s", (protocol) => {
  test("sends every frame of the file, byte for byte", async () => {
    const { end, published } = await push(protocol, {});
    expect(end).toMatchObject({ frames: FRAMES, timeMs: 15_979 });
    const frames = framesOf(published[0] ?? []);
    expect([published.length, frames.length]).toEqual([1, FRAMES]);
    for (const [i, frame] of frames.entries()) {
      const { dts, pts, isKey, payload } = demo[i]!;
      expect([frame.dts, frame.pts, frame.isKey, Buffer.compare(frame.payload, payload)]).toEqual([dts, pts, isKey, 0]);
    }
  });

  test("tells metadata first, in the form of the protocol", async () => {
    const { published } = await push(protocol, {});
    expect(published[0]?.filter(({ type }) => type === 18).length).toBe(1);
    expect(published[0]?.[0]?.type).toBe(18);
    expect(Buffer.from(published[0]?.[0]?.data ?? []).includes("@setDataFrame")).toBe(protocol === "rtmp");
  });

  test("connects again when the connection breaks, and goes on with a key frame and growing times", async () => {
    const { end, notices, published } = await push(protocol, { breakAfterTags: 100 }, { speed: 20 });
    expect(end).toMatchObject({ frames: FRAMES });
    expect(notices).toEqual(["connected to URL", expect.stringMatching(/^lost URL: .*; again in 0.5 s$/), "connected to URL"]);
    const [first = [], second = []] = published;
    expect(second.slice(0, HEAD_TAGS).map(({ type }) => type)).toEqual([18, 9, 8]);
    const frames = framesOf(second);
    expect(frames[0]).toMatchObject({ isKey: true, track: { kind: "video" } });
    expect(frames[0]!.dts).toBeGreaterThan(framesOf(first).at(-1)!.dts);
    expect(frames.at(-1)!.dts).toBe(demo.at(-1)!.dts);
  });

  test("fails when the connection breaks and nobody wants another", async () => {
    const { end } = await push(protocol, { breakAfterTags: 100 }, { speed: 20, reconnect: false });
    expect(end).toBeInstanceOf(ConnectionError);
  });

  test("fails with the server's reason when it is refused", async () => {
    const { end, published } = await push(protocol, { refuse: "live/cam is being published already" });
    expect(end).toBeInstanceOf(RefusedError);
    expect(end.message).toContain("live/cam is being published already");
    expect(published).toEqual([]);
  });

  test("ends in order when it is told to", async () => {
    const stop = new AbortController();
    const onProgress = () => stop.abort();
    const { end, published } = await push(protocol, {}, { speed: 1, loop: true, signal: stop.signal, onProgress });
    expect(end.frames).toBeLessThan(FRAMES);
    expect(framesOf(published[0] ?? []).length).toBe(end.frames);
  });

  test("tries again when nobody listens yet, as long as it is not told to stop", async () => {
    const small = await SmallServer.start(protocol);
    const url = parseStreamUrl(small.url);
    await small[Symbol.asyncDispose]();
    const stop = new AbortController();
    const notices: string[] = [];
    const onNotice = (line: string) => notices.push(line) && stop.abort();
    expect(await pushFile(DEMO, url, { signal: stop.signal, onNotice })).toMatchObject({ frames: 0, bytes: 0 });
    expect(notices).toEqual([expect.stringMatching(/^cannot connect to .*: connect ECONNREFUSED .*; again in 0.5 s$/)]);
    await expect(pushFile(DEMO, url, { signal: new AbortController().signal, reconnect: false })).rejects.toThrow("ECONNREFUSED");
  });
});

test("a file that is none is told before anybody is bothered", async () => {
  await using small = await SmallServer.start("http");
  const options = { signal: new AbortController().signal };
  await expect(pushFile("/none.flv", parseStreamUrl(small.url), options)).rejects.toThrow(
    "/none.flv: cannot be read: no such file",
  );
  expect(small.published).toEqual([]);
});

test("a server that accepts and then says nothing is given up in time", async () => {
  const { createServer } = await import("node:net");
  const silent = createServer(() => {}).listen(0, "127.0.0.1");
  await new Promise((resolve) => silent.once("listening", resolve));
  const { port } = silent.address() as { port: number };
  const options = { signal: new AbortController().signal, reconnect: false, connectTimeoutMs: 100 };
  for (const url of [`rtmp://127.0.0.1:${port}/live/cam`, `ws://127.0.0.1:${port}/live/cam`]) {
    await expect(pushFile(DEMO, parseStreamUrl(url), options)).rejects.toBeInstanceOf(ConnectionError);
  }
  silent.close();
});
