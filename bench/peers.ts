/**
 * Measures what viewers cost this server and others, with the same tool in the same run: `npm run bench:peers`, see USAGE. The servers
 * take turns row by row, so that what else the machine does meets all of them.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { MediaError } from "../src/base/media-error.ts";
import type { LoadReport } from "../src/services/load/load-report.ts";
import { publishLoad } from "../src/services/load/publish-load.ts";
import { runLoad } from "../src/services/load/run-load.ts";
import { readNumber, runCommand, showLine, showProgress, streamShape } from "./command.ts";
import { describeMachine, pinSelf, placeOnCores, setNiceness } from "./machine.ts";
import { type AbsentPeer, obtainPeer, type Peer, sluice } from "./peer-servers.ts";
import type { ServerProcess } from "./server-process.ts";
import { type Column, formatTable, short } from "./table.ts";

const USAGE = `npm run bench:peers -- [options]
  --viewers N,N,…     rows of the table                            (500,1000,2000,5000)
  --protocol P,P,…    flv, ws or rtmp                              (flv,ws,rtmp)
  --peers P,P,…       nms and nginx                                (nms,nginx)
  --rounds N          every row so often; the table has the median by CPU (1)
  --seconds N         measuring window                             (15)
  --settle N          seconds between the last viewer and it       (5)
  --rate N            new viewers per second                       (1000)
  --kbps N            bitrate of the stream, audio 96 of it        (996)
  --gop N             seconds from key frame to key frame          (2)
  --priority N        up to 20, as root: before others on a machine that is shared (0)
  --set NAME=VALUE    environment of Sluice, repeatable: SLUICE_LIMITS_MAX_FLUSH_MS=350
  --json              one JSON object on standard output instead of text

One media worker or worker process each, pinned to core 0, load and publisher on the others. Node-Media-Server comes from npm, nginx
from Debian's packages (apt-get download); both into a temporary folder that is removed at the end.`;

const PROTOCOLS = ["flv", "ws", "rtmp"];
const PAUSE_MS = 2_000;

interface Settings {
  readonly viewers: readonly number[];
  readonly protocols: readonly string[];
  readonly peers: readonly string[];
  readonly rounds: number;
  readonly seconds: number;
  readonly settle: number;
  readonly rate: number;
  readonly kbps: number;
  readonly gop: number;
  readonly priority: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly json: boolean;
}

interface Row {
  readonly server: string;
  readonly protocol: string;
  readonly viewers: number;
  readonly round: number;
  /** Undefined when the server or its publisher broke: `failure` says how. */
  readonly load: LoadReport | undefined;
  readonly failure: string;
}

const COLUMNS: readonly Column<Row>[] = [
  { title: "server", text: ({ server }) => server },
  { title: "protocol", text: ({ protocol }) => protocol },
  { title: "viewers", text: ({ viewers }) => String(viewers) },
  ...loadColumns([
    ["served", ({ viewers }) => String(viewers.watching - viewers.starved)],
    ["stalled", ({ viewers }) => String(viewers.stalledViewers)],
    ["no audio", ({ sampled }) => `${sampled.withoutAudio}/${sampled.viewers}`],
    ["CPU µs/viewer-s", ({ server }) => short(server?.cpuUsPerViewerSecond ?? 0)],
    ["core %", ({ server }) => short((server?.cpuShare ?? 0) * 100)],
    ["latency p50", ({ latencyMs }) => short(latencyMs.p50)],
    ["p99", ({ latencyMs }) => short(latencyMs.p99)],
    ["first media p50", ({ viewers }) => short(viewers.firstMediaMs.p50)],
    ["p99", ({ viewers }) => short(viewers.firstMediaMs.p99)],
    ["RSS MB", ({ server }) => short((server?.rssBytes ?? 0) / 1e6)],
    ["load core %", ({ loadCpuShare }) => short(loadCpuShare * 100)],
  ]),
];

function loadColumns(columns: readonly (readonly [string, (load: LoadReport) => string])[]): Column<Row>[] {
  return columns.map(([title, text]) => ({ title, text: ({ load }) => (load ? text(load) : "–") }));
}

function readSettings(): Settings {
  const { values } = parseArgs({
    options: {
      viewers: { type: "string", default: "500,1000,2000,5000" },
      protocol: { type: "string", default: "flv,ws,rtmp" },
      peers: { type: "string", default: "nms,nginx" },
      rounds: { type: "string", default: "1" },
      seconds: { type: "string", default: "15" },
      settle: { type: "string", default: "5" },
      rate: { type: "string", default: "1000" },
      kbps: { type: "string", default: "996" },
      gop: { type: "string", default: "2" },
      priority: { type: "string", default: "0" },
      set: { type: "string", multiple: true, default: [] },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) throw new MediaError(USAGE);
  const protocols = values.protocol.split(",");
  const unknown = protocols.find((protocol) => !PROTOCOLS.includes(protocol));
  if (unknown !== undefined) throw new MediaError(`--protocol ${unknown} is none of ${PROTOCOLS.join(", ")}`);
  const { rounds, seconds, settle, rate, kbps, gop, priority } = values;
  return {
    viewers: values.viewers.split(",").map((text) => readNumber("viewers", text)),
    protocols,
    peers: values.peers.split(",").filter((name) => name !== ""),
    rounds: Math.max(1, readNumber("rounds", rounds)),
    seconds: readNumber("seconds", seconds),
    settle: readNumber("settle", settle),
    rate: readNumber("rate", rate),
    kbps: readNumber("kbps", kbps),
    gop: readNumber("gop", gop),
    priority: readNumber("priority", priority),
    environment: Object.fromEntries(values.set.map((text) => text.split("=", 2))),
    json: values.json,
  };
}

function playUrl(protocol: string, { httpPort, rtmpPort }: ServerProcess): string {
  if (protocol === "rtmp") return `rtmp://127.0.0.1:${rtmpPort}/live/bench`;
  return `${protocol === "ws" ? "ws" : "http"}://127.0.0.1:${httpPort}/live/bench.flv`;
}

/** A server of its own for every row: nothing of the row before is left in it. */
async function measureRow(settings: Settings, peer: Peer, protocol: string, viewers: number, round: number): Promise<Row> {
  const row = { server: peer.name, protocol, viewers, round };
  try {
    await using server = await peer.start(placeOnCores(1).server);
    const publisher = await publishLoad([playUrl("rtmp", server)], streamShape(settings.kbps, settings.gop));
    try {
      await sleep(PAUSE_MS);
      const load = await Promise.race([openViewers(settings, peer, protocol, server, viewers), server.ended]);
      return { ...row, load, failure: load.viewers.firstFailure };
    } finally {
      await publisher.stop();
    }
  } catch (error) {
    return { ...row, load: undefined, failure: error instanceof Error ? error.message : String(error) };
  }
}

function openViewers(
  settings: Settings,
  peer: Peer,
  protocol: string,
  server: ServerProcess,
  viewers: number,
): Promise<LoadReport> {
  return runLoad({
    urls: [playUrl(protocol, server)],
    viewers,
    rampPerSecond: settings.rate,
    settleSeconds: settings.settle,
    holdSeconds: settings.seconds,
    expectedKbps: settings.kbps,
    serverPid: server.pid,
    onProgress: (progress) => showProgress(`${peer.name} ${protocol}`, viewers, progress),
  });
}

async function measureAll(settings: Settings, peers: readonly Peer[]): Promise<Row[]> {
  const rows: Row[] = [];
  for (const protocol of settings.protocols) {
    const able = peers.filter((peer) => peer.protocols.includes(protocol));
    for (const viewers of settings.viewers) {
      for (let round = 1; round <= settings.rounds; round++) {
        for (const peer of able) rows.push(await measureRow(settings, peer, protocol, viewers, round));
      }
    }
  }
  return rows;
}

/** Of the rounds of each row, the one whose CPU is in the middle. */
function medianRows(rows: readonly Row[]): Row[] {
  const groups = Map.groupBy(rows, ({ server, protocol, viewers }) => `${protocol} ${viewers} ${server}`);
  const cpu = ({ load }: Row) => load?.server?.cpuUsPerViewerSecond ?? Number.POSITIVE_INFINITY;
  return [...groups.values()].flatMap((group) => group.toSorted((a, b) => cpu(a) - cpu(b))[(group.length - 1) >> 1] ?? []);
}

function print(settings: Settings, peers: readonly Peer[], absent: readonly AbsentPeer[], rows: readonly Row[]): void {
  const machine = describeMachine();
  showLine("");
  if (settings.json) {
    const versions = peers.map(({ name, version }) => ({ name, version }));
    console.log(JSON.stringify({ machine, settings, peers: versions, absent, rows }, undefined, 1));
    return;
  }
  console.log(`${machine.cpu}, ${machine.cores} cores, ${machine.memoryGb} GB, ${machine.kernel}, Node ${machine.node}`);
  console.log(
    `one stream of ${settings.kbps} kbps, GOP ${settings.gop} s, window ${settings.seconds} s, ${settings.rounds} round(s)`,
  );
  for (const { name, version } of peers) console.log(`${name}: ${version}`);
  for (const { name, why } of absent) console.log(`${name}: absent: ${why}`);
  console.log(`\n${formatTable(COLUMNS, medianRows(rows))}`);
  for (const { server, protocol, viewers, failure } of rows)
    if (failure) console.log(`${server} ${protocol} ${viewers}: ${failure}`);
}

async function main(): Promise<void> {
  const settings = readSettings();
  const folder = await mkdtemp(join(tmpdir(), "sluice-peers-"));
  try {
    showLine("fetching the peers");
    const found = await Promise.all(settings.peers.map((name) => obtainPeer(name, folder)));
    const absent = found.filter((peer): peer is AbsentPeer => "why" in peer);
    const peers = [sluice(settings.environment), ...found.filter((peer): peer is Peer => "start" in peer)];
    pinSelf(placeOnCores(1).load);
    if (settings.priority > 0) setNiceness(-settings.priority);
    print(settings, peers, absent, await measureAll(settings, peers));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

await runCommand(main);
