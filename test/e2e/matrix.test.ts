import { join } from "node:path";
import { afterAll, beforeAll, describe, test } from "vitest";
import type { AdmissionRequest, Decision } from "../../src/hub/admission.ts";
import { until } from "../support/deadline.ts";
import { expectSameMedia, MediaReader, type Reading, readMedia } from "../support/media-reader.ts";
import { type Program, requireClients, requireGstElements, run, sluice } from "../support/programs.ts";
import { type SampleName, sample, temporaryFolder } from "../support/samples.ts";
import { startServer, type TestServer } from "../support/server.ts";

/** Somebody who publishes a finite file at its own pace and ends. */
interface Publisher {
  readonly name: string;
  /** Elements of GStreamer that it takes. */
  readonly elements?: readonly string[];
  /** Without B-frames where the client itself cannot carry their times. */
  readonly sample: SampleName;
  publish(server: TestServer, stream: string, file: string): Program;
}

const ffmpegArguments = (file: string) => [
  "-hide_banner",
  "-nostdin",
  "-loglevel",
  "warning",
  "-re",
  "-i",
  file,
  "-c",
  "copy",
  "-f",
  "flv",
];
const gstreamerPipeline = (file: string, url: string) => [
  ...["-e", "filesrc", `location=${file}`, "!", "flvdemux", "name=d"],
  ...["flvmux", "name=m", "streamable=true", "!", "rtmp2sink", `location=${url}`, "sync=true"],
  ...["d.video", "!", "queue", "!", "m.video"],
  ...["d.audio", "!", "queue", "!", "m.audio"],
];

const PUBLISHERS: readonly Publisher[] = [
  {
    name: "ffmpeg by RTMP",
    sample: "av.flv",
    publish: (server, stream, file) => run("ffmpeg", ...ffmpegArguments(file), server.rtmp(stream)),
  },
  {
    name: "ffmpeg by HTTP-FLV POST",
    sample: "av.flv",
    publish: (server, stream, file) => run("ffmpeg", ...ffmpegArguments(file), "-method", "POST", server.http(stream)),
  },
  {
    name: "GStreamer rtmp2sink",
    elements: ["flvdemux", "flvmux", "rtmp2sink"],
    sample: "plain.flv", // flvdemux gives the first pictures of an FLV file with B-frames one DTS
    publish: (server, stream, file) => run("gst-launch-1.0", ...gstreamerPipeline(file, server.rtmp(stream))),
  },
  {
    name: "sluice push by RTMP",
    sample: "av.flv",
    publish: (server, stream, file) => sluice("push", file, server.rtmp(stream)),
  },
  {
    name: "sluice push by HTTP-FLV",
    sample: "av.flv",
    publish: (server, stream, file) => sluice("push", file, server.http(stream)),
  },
  {
    name: "sluice push by WS-FLV",
    sample: "av.flv",
    publish: (server, stream, file) => sluice("push", file, server.ws(stream)),
  },
];

/** Somebody who reads a stream to its end. */
interface Output {
  readonly name: string;
  read(server: TestServer, stream: string): Promise<Reading>;
}

async function readByFfmpeg(url: string, ...inputOptions: string[]): Promise<Reading> {
  await using reader = new MediaReader(url, ...inputOptions);
  return await reader.finished();
}

async function readBySluicePull(url: string): Promise<Reading> {
  using folder = temporaryFolder();
  const file = join(folder.path, "pulled.flv");
  await using pull = sluice("pull", url, file);
  await pull.success();
  return await readMedia(file);
}

const OUTPUTS: readonly Output[] = [
  { name: "RTMP", read: (server, stream) => readByFfmpeg(server.rtmp(stream)) },
  { name: "HTTP-FLV", read: (server, stream) => readByFfmpeg(server.http(`${stream}.flv`)) },
  { name: "WS-FLV", read: (server, stream) => readBySluicePull(server.ws(`${stream}.flv`)) },
  { name: "TS", read: (server, stream) => readByFfmpeg(server.http(`${stream}.ts`)) },
  { name: "HLS", read: (server, stream) => readByFfmpeg(server.hls(stream), "-live_start_index", "0") },
];

/** All readers ask before the publisher begins, so each must get all of the file. */
describe.for([1, 2])("media workers: %i", (workers) => {
  let server: TestServer;
  const asking = new Set<string>();

  /** Allows all, and remembers who asked to watch what. */
  async function authorize({ action, protocol, app, name }: AdmissionRequest): Promise<Decision> {
    if (action === "play") asking.add(`${app}/${name} ${protocol}`);
    return { allow: true };
  }

  beforeAll(async () => {
    server = await startServer({
      workers,
      authorize,
      limits: { waitForPublishMs: 20_000, publisherGraceMs: 100 },
      hls: { segmentMs: 1000 },
    });
  });
  afterAll(() => server[Symbol.asyncDispose]());

  test.for(PUBLISHERS.map((publisher, i) => ({ ...publisher, stream: `live/matrix${i}` })))(
    "what $name sends comes out of every output whole",
    async ({ elements, publish, stream, ...publisher }, context) => {
      requireClients(context, "ffmpeg");
      if (elements) requireGstElements(context, ...elements);
      const file = await sample(publisher.sample);
      const source = await readMedia(file);
      const readings = OUTPUTS.map(({ read }) => read(server, stream));
      const all = Promise.all(readings);
      all.catch(() => {});
      await until(
        "all readers ask",
        () => [...asking].filter((who) => who.startsWith(`${stream} `)).length === OUTPUTS.length,
        30_000,
      );
      await using program = publish(server, stream, file);
      await program.success();
      for (const [i, reading] of readings.entries()) {
        try {
          expectSameMedia(await reading, source);
        } catch (error) {
          if (error instanceof Error) error.message = `${OUTPUTS[i]!.name}: ${error.message}`;
          throw error;
        }
      }
    },
  );
});
