import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { until } from "../support/deadline.ts";
import {
  asTrack,
  audioConfigTag,
  audioTag,
  type EnhancedBody,
  readEnhanced,
  videoConfigTag,
  videoTag,
} from "../support/enhanced-tags.ts";
import { framesOf, kindOf, readFlv, type Tag } from "../support/flv-reader.ts";
import { expectMonotonic, expectSameMedia, MediaReader, ofKind, readMedia } from "../support/media-reader.ts";
import { type FilePacket, mp4Box, mp4Packets, opusHead } from "../support/mp4-packets.ts";
import { requireClients } from "../support/programs.ts";
import { RtmpPublisher, sampleTags } from "../support/publishers.ts";
import { type SampleName, sample, sampleBytes, temporaryFolder } from "../support/samples.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { HttpViewer, isMonotonic, RtmpViewer, WebSocketViewer } from "../support/viewers.ts";

let server: TestServer;
let streams = 0;

beforeAll(async () => {
  server = await startServer({ limits: { waitForPublishMs: 20_000, publisherGraceMs: 50 }, hls: { segmentMs: 1000 } });
});
afterAll(() => server[Symbol.asyncDispose]());

/** A name of the test's own. */
const newStream = () => `live/stream${streams++}`;

interface Watched {
  readonly http: readonly Tag[];
  readonly rtmp: readonly Tag[];
}

/** Publishes the tags as fast as they go, with viewers that were there before the first, and gives what these got. */
async function watch(tags: readonly Tag[], options: { chunkSize?: number; stream?: string } = {}): Promise<Watched> {
  const stream = options.stream ?? newStream();
  using http = new HttpViewer(server.http(`${stream}.flv`));
  using rtmp = new RtmpViewer(server.rtmpPort, stream);
  using publisher = new RtmpPublisher(server.rtmpPort, stream);
  await publisher.ready();
  await http.answered();
  await rtmp.playing();
  if (options.chunkSize !== undefined) publisher.setChunkSize(options.chunkSize);
  publisher.sendAll(tags);
  publisher.finish();
  await Promise.all([http.ended(), rtmp.ended()]);
  return { http: http.tags, rtmp: rtmp.tags };
}

/** Both kinds of frames, byte for byte what was sent, at the same distances. */
function expectSameFrames(received: readonly Tag[], sent: readonly Tag[]): void {
  for (const type of [8, 9] as const) {
    const frames = framesOf(received, type);
    const original = framesOf(sent, type);
    expect(frames.length, `frames of type ${type}`).toBe(original.length);
    expect(isMonotonic(frames)).toBe(true);
    for (const [i, frame] of frames.entries()) {
      expect(Buffer.from(frame.data).equals(original[i]!.data), `bytes of frame ${i} of type ${type}`).toBe(true);
      const distance = (tags: readonly Tag[]) => (tags[i]!.timestamp - tags[0]!.timestamp) >>> 0;
      expect(distance(frames), `time of frame ${i} of type ${type}`).toBe(distance(original));
    }
  }
}

describe("what ffmpeg decodes is what was published", () => {
  const OUTPUTS = {
    RTMP: (stream: string) => new MediaReader(server.rtmp(stream)),
    "HTTP-FLV": (stream: string) => new MediaReader(server.http(`${stream}.flv`)),
    TS: (stream: string) => new MediaReader(server.http(`${stream}.ts`)),
    HLS: (stream: string) => new MediaReader(server.hls(stream), "-live_start_index", "0"),
  };

  /** Publishes a sample as fast as it goes to all outputs at once. */
  async function expectWhole(context: Parameters<typeof requireClients>[0], file: string, tags: readonly Tag[]): Promise<void> {
    requireClients(context, "ffmpeg");
    const stream = newStream();
    const source = await readMedia(file);
    await using readers = new AsyncDisposableStack();
    const all = Object.values(OUTPUTS).map((open) => readers.use(open(stream)));
    using publisher = new RtmpPublisher(server.rtmpPort, stream);
    await publisher.ready();
    await until("all readers watch", () => server.report(stream)?.viewers.total === all.length);
    publisher.sendAll(tags);
    publisher.finish();
    for (const [i, name] of Object.keys(OUTPUTS).entries()) {
      const reading = await all[i]!.finished();
      try {
        expectSameMedia(reading, source);
      } catch (error) {
        if (error instanceof Error) error.message = `${name}: ${error.message}`;
        throw error;
      }
    }
  }

  const SAMPLES: readonly { name: SampleName; what: string }[] = [
    { name: "audio.flv", what: "audio only" },
    { name: "video.flv", what: "video only" },
    { name: "av.flv", what: "B-frames" },
    { name: "fast.flv", what: "60 pictures per second" },
  ];
  test.for(SAMPLES)("$what", async ({ name }, context) => {
    await expectWhole(context, await sample(name), await sampleTags(name));
  });

  test("another resolution in the middle", async (context) => {
    const tags = await twoResolutions();
    using folder = temporaryFolder();
    const file = join(folder.path, "two-resolutions.flv");
    writeFileSync(file, writeFlv(tags));
    await expectWhole(context, file, tags);
  });
});

/** One encoder run, then another with another picture size, its clock going on. */
async function twoResolutions(): Promise<Tag[]> {
  const first = (await sampleTags("plain.flv")).filter((tag) => kindOf(tag) !== "end");
  const second = await sampleTags("large.flv");
  const startMs = Math.max(...first.map((tag) => tag.timestamp)) + 40;
  return [...first, ...second.map((tag) => ({ ...tag, timestamp: startMs + tag.timestamp }))];
}

function writeFlv(tags: readonly Tag[]): Uint8Array {
  const parts = [Buffer.from([0x46, 0x4c, 0x56, 1, 5, 0, 0, 0, 9, 0, 0, 0, 0])];
  for (const { type, timestamp, data } of tags) {
    const head = Buffer.alloc(11);
    head.writeUInt8(type);
    head.writeUIntBE(data.length, 1, 3);
    head.writeUIntBE(timestamp & 0xffffff, 4, 3);
    head.writeUInt8(timestamp >>> 24, 7);
    const size = Buffer.alloc(4);
    size.writeUInt32BE(data.length + head.length);
    parts.push(head, Buffer.from(data), size);
  }
  return Buffer.concat(parts);
}

test("a viewer is told the new decoder configuration before the first key frame that needs it", async () => {
  const tags = await twoResolutions();
  const { http, rtmp } = await watch(tags);
  const configs = tags.filter((tag) => tag.type === 9 && kindOf(tag) === "config");
  expect(configs.length).toBe(2);
  for (const received of [http, rtmp]) {
    const isSecondConfig = (tag: Tag) => tag.type === 9 && Buffer.from(tag.data).equals(configs[1]!.data);
    const at = received.findIndex(isSecondConfig);
    expect(at).toBeGreaterThan(0);
    const next = received.slice(at + 1).find((tag) => tag.type === 9);
    expect(next && kindOf(next)).toBe("key");
    expectSameFrames(received, tags);
  }
});

describe("RTMP chunks of any size", () => {
  test.for([1, 2, 127, 128, 129, 4096, 65_536, 0x7fffffff])("%i", async (chunkSize) => {
    const tags = await sampleTags("plain.flv");
    const { http, rtmp } = await watch(tags, { chunkSize });
    expectSameFrames(http, tags);
    expectSameFrames(rtmp, tags);
  });
});

describe("Enhanced RTMP", () => {
  /** What the tags of a kind hold, without the beginnings of sequences. */
  const bodies = (tags: readonly Tag[], type: 8 | 9): EnhancedBody[] =>
    tags
      .filter((tag) => tag.type === type)
      .map(readEnhanced)
      .filter((body) => body !== undefined);

  /** Moves all packets so that none has a negative time. */
  function fromZero(packets: readonly FilePacket[]): FilePacket[] {
    const first = Math.min(...packets.map((packet) => packet.dtsMs));
    const move = (ms: number) => Math.round(ms - first);
    return packets.map((packet) => ({ ...packet, dtsMs: move(packet.dtsMs), ptsMs: move(packet.ptsMs) }));
  }

  function expectSameBodies(received: readonly Tag[], sent: readonly Tag[], type: 8 | 9): void {
    const got = bodies(received, type);
    const want = bodies(sent, type);
    expect(want.length).toBeGreaterThan(10);
    expect(got.map(({ payload, ...body }) => ({ ...body, bytes: payload.length }))).toEqual(
      want.map(({ payload, ...body }) => ({ ...body, bytes: payload.length })),
    );
    for (const [i, { payload }] of got.entries())
      expect(Buffer.from(payload).equals(want[i]!.payload), `payload ${i}`).toBe(true);
  }

  test("HEVC comes out byte for byte, by HTTP-FLV and RTMP", async (context) => {
    requireClients(context, "ffmpeg", "ffprobe");
    const tags = await hevcTags();
    const { http, rtmp } = await watch(tags);
    for (const received of [http, rtmp]) {
      expectSameBodies(received, tags, 9);
      expectMonotonic(
        received
          .filter((tag) => tag.type === 9)
          .slice(1)
          .map((tag) => ({ dtsMs: tag.timestamp })),
      );
    }
  });

  test("HEVC decodes from TS and from HLS to the pictures that were sent", async (context) => {
    requireClients(context, "ffmpeg", "ffprobe");
    const stream = newStream();
    const source = ofKind((await readMedia(await sample("hevc.mp4"))).decoded, "video");
    await using ts = new MediaReader(server.http(`${stream}.ts`));
    await using hls = new MediaReader(server.hls(stream), "-live_start_index", "0");
    using publisher = new RtmpPublisher(server.rtmpPort, stream);
    await publisher.ready();
    await until("both readers watch", () => server.report(stream)?.viewers.total === 2);
    publisher.sendAll(await hevcTags());
    publisher.finish();
    for (const reader of [ts, hls]) {
      const reading = await reader.finished();
      expect(reading.complaints).toBe("");
      expectMonotonic(ofKind(reading.packets, "video"));
      expect(ofKind(reading.decoded, "video").map((frame) => frame.checksum)).toEqual(source.map((frame) => frame.checksum));
    }
  });

  test("AV1 and Opus come out byte for byte, by HTTP-FLV and RTMP", async (context) => {
    requireClients(context, "ffmpeg", "ffprobe");
    const path = await sample("av1.mp4");
    const packets = fromZero(await mp4Packets(path));
    const tags = [
      videoConfigTag("av01", mp4Box(path, "av1C")),
      audioConfigTag("Opus", opusHead(mp4Box(path, "dOps"))),
      ...packets.map((packet) =>
        packet.kind === "video" ? videoTag("av01", packet) : audioTag("Opus", packet.dtsMs, packet.data),
      ),
    ];
    const { http, rtmp } = await watch(tags);
    for (const received of [http, rtmp]) {
      expectSameBodies(received, tags, 9);
      expectSameBodies(received, tags, 8);
    }
  });

  test("of several video tracks the first is served", async () => {
    const [wanted, other] = [await sampleTags("plain.flv"), await sampleTags("large.flv")];
    const asTracks = (index: number, tags: readonly Tag[]) =>
      tags
        .filter((tag) => tag.type === 9 && kindOf(tag) !== "end")
        .map((tag) => asTrack(index, { ...tag, data: enhancedAvc(tag.data) }));
    const sound = wanted.filter((tag) => tag.type === 8);
    const tags = [...asTracks(0, wanted), ...asTracks(1, other), ...sound].sort((a, b) => a.timestamp - b.timestamp);
    const { http, rtmp } = await watch(tags);
    for (const received of [http, rtmp]) expectSameFrames(received, wanted);
  });

  /** A legacy tag of H.264 in the form with the FourCC. */
  function enhancedAvc(data: Uint8Array): Uint8Array {
    const [head = 0, packetType = 0] = data;
    const rest = packetType === 0 ? data.subarray(5) : data.subarray(2);
    return Buffer.concat([Buffer.from([0x80 | (head & 0x70) | packetType]), Buffer.from("avc1"), rest]);
  }

  async function hevcTags(): Promise<Tag[]> {
    const path = await sample("hevc.mp4");
    const packets = fromZero(await mp4Packets(path)).filter((packet) => packet.kind === "video");
    return [videoConfigTag("hvc1", mp4Box(path, "hvcC")), ...packets.map((packet) => videoTag("hvc1", packet))];
  }
});

describe("timestamps", () => {
  const shifted = (tags: readonly Tag[], shift: (tag: Tag, index: number) => number): Tag[] =>
    tags.map((tag, i) => ({ ...tag, timestamp: shift(tag, i) >>> 0 }));

  test("that wrap at 2^32 go on", async () => {
    const tags = await sampleTags("av.flv");
    const { http, rtmp } = await watch(shifted(tags, (tag) => 0xffffffff - 1000 + tag.timestamp));
    expectSameFrames(http, tags);
    expectSameFrames(rtmp, tags);
  });

  test("that wrap at 2^32 go on in small chunks too, where each chunk repeats the extended timestamp", async () => {
    const tags = shifted(await sampleTags("plain.flv"), (tag) => 0xffffffff - 1000 + tag.timestamp);
    const { http } = await watch(tags, { chunkSize: 128 });
    expectSameFrames(http, tags);
  });

  test.for([
    { name: "an hour forward", jumpMs: 3_600_000 },
    { name: "back to the start", jumpMs: -1500 },
  ])("that jump $name are moved back, both tracks by the same", async ({ jumpMs }) => {
    const tags = await sampleTags("plain.flv");
    const stream = newStream();
    const { http } = await watch(
      shifted(tags, (tag) => tag.timestamp + (tag.timestamp > 1500 ? jumpMs : 0)),
      { stream },
    );
    for (const type of [8, 9] as const) {
      const frames = framesOf(http, type);
      expect(frames.length).toBe(framesOf(tags, type).length);
      expect(isMonotonic(frames)).toBe(true);
    }
    const distance = (received: readonly Tag[]) =>
      framesOf(received, 9).at(-1)!.timestamp - framesOf(received, 8).at(-1)!.timestamp;
    expect(Math.abs(distance(http) - distance(tags)), "audio against video behind the jump").toBeLessThan(40);
    const length = (received: readonly Tag[]) => framesOf(received, 9).at(-1)!.timestamp - framesOf(received, 9)[0]!.timestamp;
    expect(Math.abs(length(http) - length(tags)), "length of all").toBeLessThan(100);
  });

  test("that stand still, repeat and step back still grow for viewers", async () => {
    const tags = await sampleTags("plain.flv");
    const wrong = shifted(tags, (tag, i) => (i % 7 === 3 ? Math.max(0, tag.timestamp - 90) : tags[i - (i % 3)]!.timestamp));
    const { http, rtmp } = await watch(wrong);
    for (const received of [http, rtmp]) {
      for (const type of [8, 9] as const) {
        expect(framesOf(received, type).length).toBe(framesOf(tags, type).length);
        expect(isMonotonic(framesOf(received, type))).toBe(true);
      }
    }
  });

  test("that were repaired are counted", async () => {
    const stream = newStream();
    using publisher = new RtmpPublisher(server.rtmpPort, stream);
    await publisher.ready();
    publisher.sendAll(shifted(await sampleTags("plain.flv"), (tag) => tag.timestamp + (tag.timestamp > 1500 ? 3_600_000 : 0)));
    await until("the report says so", () => (server.report(stream)?.repairedTimestamps ?? 0) > 0);
  });
});

test("a viewer by WebSocket gets the same bytes as one by HTTP", async () => {
  const stream = newStream();
  using http = new HttpViewer(server.http(`${stream}.flv`));
  using ws = new WebSocketViewer(server.ws(`${stream}.flv`));
  using publisher = new RtmpPublisher(server.rtmpPort, stream);
  await publisher.ready();
  await http.answered();
  await until("the WebSocket is open", () => ws.isOpen);
  publisher.sendAll(readFlv(await sampleBytes("plain.flv")));
  publisher.finish();
  await Promise.all([http.ended(), ws.ended()]);
  expect(ws.tags).toEqual(http.tags);
});

test.for([
  { query: "disableAudio=1", kinds: [9] },
  { query: "disableVideo=1", kinds: [8] },
])("?$query leaves one kind out", async ({ query, kinds }) => {
  const stream = newStream();
  const tags = await sampleTags("plain.flv");
  using http = new HttpViewer(server.http(`${stream}.flv?${query}`));
  using publisher = new RtmpPublisher(server.rtmpPort, stream);
  await publisher.ready();
  await http.answered();
  publisher.sendAll(tags);
  publisher.finish();
  await http.ended();
  for (const type of [8, 9] as const) {
    expect(framesOf(http.tags, type).length).toBe(kinds.includes(type) ? framesOf(tags, type).length : 0);
  }
});
