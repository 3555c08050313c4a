import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test, vi } from "vitest";
import type { FlvTag } from "../../containers/flv/flv-tag.ts";
import { ConnectionError, RefusedError } from "../clients/client-error.ts";
import { flvHeaderBytes, flvTagBytes } from "../clients/flv-bytes.ts";
import { readFlvTags } from "../clients/flv-tags.ts";
import { SmallServer, type SmallServerOptions } from "../clients/servers-testing.ts";
import { parseStreamUrl, type StreamProtocol } from "../clients/stream-url.ts";
import { findNumber } from "./find-number.ts";
import { type PullOptions, pullStream } from "./pull-stream.ts";

// Processes, sockets and ffmpeg take their time on a busy machine.
vi.setConfig({ testTimeout: 30_000 });

const folder = mkdtempSync(join(tmpdir(), "sluice-pull-"));
afterAll(() => rmSync(folder, { recursive: true }));
const OUT = join(folder, "out.flv");

async function tagsOf(bytes: Uint8Array): Promise<FlvTag[]> {
  const tags: FlvTag[] = [];
  async function* pieces() {
    yield bytes;
  }
  for await (const tag of readFlvTags(pieces())) tags.push(tag);
  return tags;
}

const demo = await tagsOf(readFileSync(join(import.meta.dirname, "../../../assets/demo.flv")));

async function pull(protocol: StreamProtocol, server: SmallServerOptions, options: Partial<PullOptions> = {}) {
  rmSync(OUT, { force: true });
  await using small = await SmallServer.start(protocol, { play: demo, ...server });
  const signal = options.signal ?? new AbortController().signal;
  const end = await pullStream(parseStreamUrl(small.url), OUT, { ...options, signal }).catch((error) => error);
  const file = existsSync(OUT) ? readFileSync(OUT) : undefined;
  return { end, file, tags: file ? await tagsOf(file) : [] };
}

/** The value of a number in a file's first tag. */
function metadataNumber(tags: readonly FlvTag[], name: string): number {
  const { data } = tags[0]!;
  return new DataView(data.buffer, data.byteOffset).getFloat64(findNumber(data, name) ?? Number.NaN);
}

describe.each(["rtmp", "http", "ws"] as const)("pullStream by %s", (protocol) => {
  test("saves every tag as it came; only the duration and size in the metadata are filled in", async () => {
    const { end, file, tags } = await pull(protocol, {});
    expect(end).toMatchObject({ tags: demo.length, timeMs: 15_979 });
    expect(tags.slice(1).map(flvTagBytes)).toEqual(demo.slice(1).map(flvTagBytes));
    expect(tags[0]?.data.length).toBe(demo[0]?.data.length);
    expect([metadataNumber(tags, "duration"), metadataNumber(tags, "filesize")]).toEqual([15.979, file?.length]);
    expect(file?.subarray(0, 13)).toEqual(Buffer.from(flvHeaderBytes(true, true)));
  });

  test("stops when the wanted duration is full", async () => {
    const { end, tags } = await pull(protocol, {}, { durationMs: 2000 });
    expect(tags.filter(({ type }) => type === 9).length).toBe(1 + 60);
    expect(end.timeMs).toBeLessThan(2000);
    expect(metadataNumber(tags, "duration")).toBe(end.timeMs / 1000);
  });

  test("completes the file when it is told to stop", async () => {
    const stop = new AbortController();
    const onProgress = () => stop.abort();
    const { end, file, tags } = await pull(protocol, { staysOpen: true }, { signal: stop.signal, onProgress });
    expect([end.tags, tags.length]).toEqual([demo.length, demo.length]);
    expect(metadataNumber(tags, "filesize")).toBe(file?.length);
  });

  test("tells the server's reason and makes no file when it is refused", async () => {
    const { end, file } = await pull(protocol, { refuse: "there is no stream live/cam" });
    expect(end).toBeInstanceOf(RefusedError);
    expect(end.message).toContain("there is no stream live/cam");
    expect(file).toBeUndefined();
  });

  test("fails when the stream ends before anything came", async () => {
    const { end, file } = await pull(protocol, { play: [] });
    expect(end.message).toContain("ended before anything came");
    expect(file).toBeUndefined();
  });

  test("says in the header what the file holds", async () => {
    const { file } = await pull(protocol, { play: demo.filter(({ type }) => type !== 9) });
    expect(file?.[4]).toBe(4);
  });
});

test.each(["http", "ws"] as const)("by %s, a stream that breaks off leaves a whole file and an error", async (protocol) => {
  const { end, file, tags } = await pull(protocol, { play: demo.slice(0, 200), endsBadly: true });
  expect(end).toBeInstanceOf(ConnectionError);
  expect(tags.length).toBeGreaterThan(0);
  expect(metadataNumber(tags, "filesize")).toBe(file?.length);
});

test("a redirect is followed, and a ring of them is not", async () => {
  const { createServer } = await import("node:http");
  await using small = await SmallServer.start("http", { play: demo.slice(0, 50) });
  const redirecting = createServer((request, response) => {
    response.writeHead(302, { location: request.url === "/ring.flv" ? "/ring.flv" : small.url }).end();
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => redirecting.once("listening", resolve));
  const { port } = redirecting.address() as { port: number };
  const from = (path: string) =>
    pullStream(parseStreamUrl(`http://127.0.0.1:${port}${path}`), OUT, { signal: new AbortController().signal });
  expect(await from("/live/cam.flv")).toMatchObject({ tags: 50 });
  await expect(from("/ring.flv")).rejects.toThrow("more than 5 redirects");
  redirecting.close();
});

test.each(["rtmp", "http", "ws"] as const)("by %s, a stream that brings nothing more is given up", async (protocol) => {
  const { end, tags } = await pull(protocol, { play: demo.slice(0, 20), staysOpen: true }, { idleTimeoutMs: 100 });
  expect(end.message).toMatch(/nothing came for 100 ms$/);
  expect(tags.length).toBe(20);
});
