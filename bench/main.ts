/**
 * Measures what viewers cost: `npm run bench -- [--viewers 500,2000,5000] [--protocol flv,ws] [--seconds 15] …`, see USAGE. A server of
 * its own for every row, one synthetic stream into it, and viewers of it; server and load on cores of their own.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { MediaError } from "../src/base/media-error.ts";
import type { LoadReport, PublishReport } from "../src/services/load/load-report.ts";
import { publishLoad } from "../src/services/load/publish-load.ts";
import { runLoad } from "../src/services/load/run-load.ts";
import { readNumber, runCommand, showLine, showProgress, streamShape } from "./command.ts";
import { measureFloor } from "./floor.ts";
import { describeMachine, pinSelf, placeOnCores, setNiceness } from "./machine.ts";
import { type PullloadReport, runPullload } from "./pullload.ts";
import { writeReport } from "./report.ts";
import { type ServerProcess, startServer } from "./server-process.ts";
import { type Column, formatTable, short } from "./table.ts";

const USAGE = `npm run bench -- [options]
  --viewers N,N,…     rows of the table                            (100,500,2000,5000)
  --protocol P,P,…    flv, ws, rtmp, ts or ws-ts                   (flv)
  --workers N         media workers of the server                  (1)
  --seconds N         measuring window                             (15)
  --settle N          seconds between the last viewer and it       (5)
  --rate N            new viewers per second                       (1000)
  --kbps N            bitrate of the stream, audio 96 of it        (996)
  --gop N             seconds from key frame to key frame          (2)
  --streams N         streams; viewers are shared out among them   (1)
  --threads N         threads that drain viewers                   (1)
  --priority N        up to 20, as root: before others on a machine that is shared (0)
  --set NAME=VALUE    environment of the server, repeatable: SLUICE_LIMITS_MAX_FLUSH_MS=350
  --node-arg ARG      argument of the server's node, repeatable: --node-arg=--cpu-prof
  --check PROGRAM     compare each row with what pullload measures, alone and side by side
  --floor FOLDER      what fanlimit and sink, from there, need for the same writes
  --report FILE.md    write the table and plots there too: docs/performance.md
  --json              one JSON object on standard output instead of text`;

const PAUSE_MS = 2_000;

interface Settings {
  readonly viewers: readonly number[];
  readonly protocols: readonly string[];
  readonly workers: number;
  readonly seconds: number;
  readonly settle: number;
  readonly rate: number;
  readonly kbps: number;
  readonly gop: number;
  readonly streams: number;
  readonly threads: number;
  readonly priority: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly nodeArguments: readonly string[];
  readonly check: string | undefined;
  readonly floor: string | undefined;
  readonly report: string | undefined;
  readonly json: boolean;
}

interface Row {
  readonly protocol: string;
  readonly viewers: number;
  readonly load: LoadReport;
  readonly publisher: PublishReport;
  readonly check: Check | undefined;
  /** CPU µs per viewer-second that the kernel alone takes for the same writes. */
  readonly floorUs: number | undefined;
}

/** Our figures beside those of pullload. */
interface Check {
  /** The same viewers once more, opened by pullload. */
  readonly alone: PullloadReport;
  /** Latency of the same moments: half of the viewers ours, half of them pullload's. */
  readonly ours: LoadReport;
  readonly theirs: PullloadReport;
}

const COLUMNS: readonly Column<Row>[] = [
  { title: "protocol", text: ({ protocol }) => protocol },
  { title: "viewers", text: ({ viewers }) => String(viewers) },
  { title: "served", text: ({ load }) => String(load.viewers.watching - load.viewers.starved) },
  { title: "stalled", text: ({ load }) => String(load.viewers.stalledViewers) },
  { title: "errors", text: ({ load }) => String(load.sampled.framingErrors + load.sampled.backwards) },
  { title: "flush ms", text: ({ load }) => short(load.arrivalMs.mean) },
  { title: "latency p50", text: ({ load }) => short(load.latencyMs.p50) },
  { title: "p99", text: ({ load }) => short(load.latencyMs.p99) },
  { title: "first media p50", text: ({ load }) => short(load.viewers.firstMediaMs.p50) },
  { title: "p99", text: ({ load }) => short(load.viewers.firstMediaMs.p99) },
  { title: "CPU µs/viewer-s", text: ({ load }) => short(load.server?.cpuUsPerViewerSecond ?? 0) },
  { title: "of floor", text: floorRatio },
  { title: "core %", text: ({ load }) => short((load.server?.cpuShare ?? 0) * 100) },
  { title: "RSS MB", text: ({ load }) => short((load.server?.rssBytes ?? 0) / 1e6) },
  { title: "kB/viewer", text: ({ load }) => short((load.server?.rssPerViewerBytes ?? 0) / 1e3) },
  { title: "load core %", text: ({ load }) => short(load.loadCpuShare * 100) },
];

const CHECK_COLUMNS: readonly Column<Row>[] = [
  { title: "protocol", text: ({ protocol }) => protocol },
  { title: "viewers", text: ({ viewers }) => String(viewers) },
  { title: "CPU µs/viewer-s by pullload", text: ({ check }) => short(check?.alone.cpuUsPerViewerSecond ?? 0) },
  { title: "ours", text: ({ load, check }) => ratio(load.server?.cpuUsPerViewerSecond, check?.alone.cpuUsPerViewerSecond) },
  { title: "side by side: latency p50 by pullload", text: ({ check }) => short(check?.theirs.latencyP50Ms ?? 0) },
  { title: "ours", text: ({ check }) => ratio(check?.ours.latencyMs.p50, check?.theirs.latencyP50Ms) },
  { title: "p99", text: ({ check }) => short(check?.theirs.latencyP99Ms ?? 0) },
  { title: "ours", text: ({ check }) => ratio(check?.ours.latencyMs.p99, check?.theirs.latencyP99Ms) },
];

function floorRatio({ load, floorUs }: Row): string {
  return load.server && floorUs ? `${(load.server.cpuUsPerViewerSecond / floorUs).toFixed(2)} ×` : "–";
}

function ratio(ours = 0, theirs = 0): string {
  return theirs > 0 ? `${ours >= theirs ? "+" : ""}${((ours / theirs - 1) * 100).toFixed(0)} %` : "–";
}

function readSettings(): Settings {
  const { values } = parseArgs({
    options: {
      viewers: { type: "string", default: "100,500,2000,5000" },
      protocol: { type: "string", default: "flv" },
      workers: { type: "string", default: "1" },
      seconds: { type: "string", default: "15" },
      settle: { type: "string", default: "5" },
      rate: { type: "string", default: "1000" },
      kbps: { type: "string", default: "996" },
      gop: { type: "string", default: "2" },
      streams: { type: "string", default: "1" },
      threads: { type: "string", default: "1" },
      priority: { type: "string", default: "0" },
      set: { type: "string", multiple: true, default: [] },
      "node-arg": { type: "string", multiple: true, default: [] },
      check: { type: "string" },
      floor: { type: "string" },
      report: { type: "string" },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) throw new MediaError(USAGE);
  const { workers, seconds, settle, rate, kbps, gop, streams, threads, priority } = values;
  return {
    viewers: values.viewers.split(",").map((text) => readNumber("viewers", text)),
    protocols: values.protocol.split(","),
    workers: readNumber("workers", workers),
    seconds: readNumber("seconds", seconds),
    settle: readNumber("settle", settle),
    rate: readNumber("rate", rate),
    kbps: readNumber("kbps", kbps),
    gop: readNumber("gop", gop),
    streams: readNumber("streams", streams),
    threads: readNumber("threads", threads),
    priority: readNumber("priority", priority),
    environment: Object.fromEntries(values.set.map((text) => text.split("=", 2))),
    nodeArguments: values["node-arg"],
    check: values.check,
    floor: values.floor,
    report: values.report,
    json: values.json,
  };
}

function playUrl(protocol: string, server: ServerProcess, name: string): string {
  const http = `127.0.0.1:${server.httpPort}/live/${name}`;
  const urls: Readonly<Record<string, string>> = {
    flv: `http://${http}.flv`,
    ws: `ws://${http}.flv`,
    ts: `http://${http}.ts`,
    "ws-ts": `ws://${http}.ts`,
    rtmp: `rtmp://127.0.0.1:${server.rtmpPort}/live/${name}`,
  };
  const url = urls[protocol];
  if (url === undefined) throw new MediaError(`--protocol ${protocol} is none of ${Object.keys(urls).join(", ")}`);
  return url;
}

async function measureRow(settings: Settings, protocol: string, viewers: number): Promise<Row> {
  const { server: cores } = placeOnCores(settings.workers);
  const row = await measureServer(settings, protocol, viewers, cores);
  if (settings.floor === undefined || cores === undefined) return row;
  showLine(`${viewers} viewers: the floor`);
  const intervalMs = row.load.arrivalMs.mean;
  return { ...row, floorUs: await measureFloor({ folder: settings.floor, viewers, intervalMs, cores }) };
}

async function measureServer(settings: Settings, protocol: string, viewers: number, cores: string | undefined): Promise<Row> {
  await using server = await startServer({ ...settings, cores });
  const names = Array.from({ length: settings.streams }, (_, i) => `bench${i}`);
  const publisher = await publishLoad(
    names.map((name) => playUrl("rtmp", server, name)),
    streamShape(settings.kbps, settings.gop),
  );
  const urls = names.map((name) => playUrl(protocol, server, name));
  await sleep(PAUSE_MS);
  const load = await Promise.race([openViewers(settings, protocol, server, urls, viewers), server.ended]);
  const check = settings.check === undefined ? undefined : await compare(settings, protocol, server, urls, viewers);
  return { protocol, viewers, load, publisher: await publisher.stop(), check, floorUs: undefined };
}

function openViewers(
  settings: Settings,
  protocol: string,
  server: ServerProcess,
  urls: readonly string[],
  viewers: number,
): Promise<LoadReport> {
  return runLoad({
    urls,
    viewers,
    threads: settings.threads,
    rampPerSecond: settings.rate,
    settleSeconds: settings.settle,
    holdSeconds: settings.seconds,
    expectedKbps: settings.kbps,
    serverPid: server.pid,
    onProgress: (progress) => showProgress(protocol, viewers, progress),
  });
}

async function compare(
  settings: Settings,
  protocol: string,
  server: ServerProcess,
  urls: readonly string[],
  viewers: number,
): Promise<Check> {
  const pullload = (count: number): Promise<PullloadReport> =>
    runPullload({
      program: settings.check ?? "",
      url: urls[0] ?? "",
      viewers: count,
      seconds: settings.seconds,
      settleSeconds: settings.settle,
      rampPerSecond: settings.rate,
      kbps: settings.kbps,
      serverPid: server.pid,
    });
  showLine(`${viewers} viewers once more, with pullload`);
  await sleep(PAUSE_MS);
  const alone = await pullload(viewers);
  await sleep(PAUSE_MS);
  const half = Math.ceil(viewers / 2);
  const [ours, theirs] = await Promise.all([openViewers(settings, protocol, server, urls, half), pullload(half)]);
  return { alone, ours, theirs };
}

function report(settings: Settings, file: string, rows: readonly Row[]): void {
  const { workers, streams, kbps, gop, seconds } = settings;
  const conditions = `${workers} media worker(s), ${streams} stream(s) of ${kbps} kbps, 30 fps, GOP ${gop} s, window ${seconds} s; server and load on cores of their own`;
  const command = `npm run bench -- ${process.argv.slice(2).join(" ")}`;
  writeReport({ file, command, conditions, machine: describeMachine(), columns: COLUMNS, rows });
}

async function main(): Promise<void> {
  const settings = readSettings();
  const machine = describeMachine();
  pinSelf(placeOnCores(settings.workers).load);
  if (settings.priority > 0) setNiceness(-settings.priority);
  if (!settings.json) {
    console.log(`${machine.cpu}, ${machine.cores} cores, ${machine.memoryGb} GB, ${machine.kernel}, Node ${machine.node}`);
    const { workers, streams, kbps, gop, seconds } = settings;
    console.log(`${workers} media worker(s), ${streams} stream(s) of ${kbps} kbps, GOP ${gop} s, window ${seconds} s\n`);
  }
  const rows: Row[] = [];
  for (const protocol of settings.protocols) {
    for (const viewers of settings.viewers) rows.push(await measureRow(settings, protocol, viewers));
  }
  showLine("");
  if (settings.report !== undefined) report(settings, settings.report, rows);
  if (settings.json) console.log(JSON.stringify({ machine, settings, rows }, undefined, 1));
  else {
    console.log(formatTable(COLUMNS, rows));
    if (settings.check !== undefined) console.log(`\n${formatTable(CHECK_COLUMNS, rows)}`);
    for (const { load, viewers } of rows) if (load.viewers.firstFailure) console.log(`${viewers}: ${load.viewers.firstFailure}`);
  }
}

await runCommand(main);
