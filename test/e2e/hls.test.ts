import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { until } from "../support/deadline.ts";
import { LivePublisher, send } from "../support/publishers.ts";
import { startServer, type TestServer } from "../support/server.ts";

interface Playlist {
  readonly mediaSequence: number;
  readonly discontinuitySequence: number;
  readonly segments: readonly { readonly uri: string; readonly number: number; readonly isDiscontinuous: boolean }[];
  readonly isEnded: boolean;
}

/** Asks for the playlist until it is as wished. */
async function playlistWith(url: string, isWanted: (playlist: Playlist) => boolean, deadlineMs = 20_000): Promise<Playlist> {
  return await until(
    `the playlist ${url} is as wished`,
    async () => {
      const { status, body } = await send("GET", url);
      if (status !== 200) throw new Error(`playlist: ${status} ${body}`);
      const playlist = parsePlaylist(body);
      return isWanted(playlist) ? playlist : undefined;
    },
    deadlineMs,
  );
}

function parsePlaylist(text: string): Playlist {
  const numberOf = (tag: string) => Number(new RegExp(`^#${tag}:(\\d+)$`, "m").exec(text)?.[1] ?? 0);
  const mediaSequence = numberOf("EXT-X-MEDIA-SEQUENCE");
  const segments: { uri: string; number: number; isDiscontinuous: boolean }[] = [];
  let isDiscontinuous = false;
  for (const line of text.split("\n")) {
    if (line === "#EXT-X-DISCONTINUITY") isDiscontinuous = true;
    if (line === "" || line.startsWith("#")) continue;
    segments.push({ uri: line, number: mediaSequence + segments.length, isDiscontinuous });
    isDiscontinuous = false;
  }
  return {
    mediaSequence,
    discontinuitySequence: numberOf("EXT-X-DISCONTINUITY-SEQUENCE"),
    segments,
    isEnded: text.includes("#EXT-X-ENDLIST"),
  };
}

/** Short segments and playlists, so that all of it is over soon. */
const HLS = { segmentMs: 500, listSize: 3 };

describe.for([1, 2])("media workers: %i", (workers) => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startServer({ workers, limits: { publisherGraceMs: 10_000 }, hls: HLS });
  });
  afterAll(() => server[Symbol.asyncDispose]());

  test("the playlist goes on across a reconnect: numbers grow by one, and the discontinuity is marked and counted", async () => {
    const stream = "live/reconnect";
    const url = server.hls(stream);
    using first = await LivePublisher.start(server.rtmpPort, stream);
    const before = await playlistWith(url, (playlist) => playlist.segments.length >= 2);
    expect(before.segments.every((segment) => !segment.isDiscontinuous)).toBe(true);
    first[Symbol.dispose]();
    await until("the publisher is gone", () => server.report(stream)?.state === "waiting");
    using _second = await LivePublisher.start(server.rtmpPort, stream, { sample: "large.flv" });
    const after = await playlistWith(
      url,
      ({ segments }) => segments.findIndex((segment) => segment.isDiscontinuous) in [0, 1, 2, 3, 4],
    );
    const known = new Set(before.segments.map((segment) => segment.uri));
    const firstNew = after.segments.find((segment) => !known.has(segment.uri))!;
    expect(firstNew.number).toBeLessThanOrEqual(before.mediaSequence + before.segments.length);
    for (const { uri, number } of before.segments) {
      const same = after.segments.find((segment) => segment.number === number);
      if (same) expect(same.uri).toBe(uri);
    }
    const gone = await playlistWith(url, ({ segments }) => segments.every((segment) => !segment.isDiscontinuous), 30_000);
    expect(gone.discontinuitySequence).toBe(before.discontinuitySequence + 1);
    expect(gone.mediaSequence).toBeGreaterThan(after.mediaSequence);
  });

  test("playlist and segments are the same whoever answers", async () => {
    const stream = "live/everywhere";
    using publisher = await LivePublisher.start(server.rtmpPort, stream);
    const { segments } = await playlistWith(server.hls(stream), (playlist) => playlist.segments.length >= 2);
    publisher.finish(); // now nothing changes any more
    await until("the publisher is gone", () => server.report(stream)?.state === "waiting");
    const answers = async (url: string) => {
      const all = await Promise.all(Array.from({ length: 12 }, () => send("GET", url)));
      expect(all.map(({ status }) => status)).toEqual(all.map(() => 200));
      return new Set(all.map(({ body }) => body));
    };
    expect((await answers(server.hls(stream))).size).toBe(1);
    const last = new URL(segments.at(-1)!.uri, server.hls(stream)).href;
    const bytes = await answers(last);
    expect(bytes.size).toBe(1);
    expect([...bytes][0]!.length).toBeGreaterThan(10 * 188);
  });
});

test("after the end the playlist says so, and a new stream of that name goes on counting", async () => {
  await using server = await startServer({ workers: 2, limits: { publisherGraceMs: 100 }, hls: HLS });
  const url = server.hls("live/again");
  using first = await LivePublisher.start(server.rtmpPort, "live/again");
  await playlistWith(url, ({ segments }) => segments.length >= 2);
  first.finish();
  await server.gone("live/again");
  const ended = await playlistWith(url, ({ isEnded }) => isEnded);
  const lastNumber = ended.segments.at(-1)!.number;
  expect((await send("GET", new URL(ended.segments.at(-1)!.uri, url).href)).status).toBe(200);
  using _second = await LivePublisher.start(server.rtmpPort, "live/again");
  const next = await playlistWith(url, ({ isEnded }) => !isEnded);
  expect(next.mediaSequence).toBeGreaterThan(lastNumber);
  expect(next.discontinuitySequence).toBeGreaterThan(ended.discontinuitySequence);
  expect(ended.segments.map(({ uri }) => uri)).not.toContain(next.segments[0]!.uri);
  await until(
    "the old segments are gone",
    async () => (await send("GET", new URL(ended.segments[0]!.uri, url).href)).status === 404,
  );
});
