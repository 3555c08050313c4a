/**
 * Measures what slow viewers do to the others and to memory: `npm run bench:slow`, see USAGE. Healthy viewers watch from beginning to
 * end; their latency is taken before and while some viewers read too slowly and some not at all.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { MediaError } from "../src/base/media-error.ts";
import type { LoadReport } from "../src/services/load/load-report.ts";
import { readProcessUsage } from "../src/services/load/process-usage.ts";
import { runLoad } from "../src/services/load/run-load.ts";
import { readNumber, runCommand, showLine } from "./command.ts";
import { describeTcpSettings, readTcpBufferBytes } from "./kernel.ts";
import { describeMachine, pinSelf, placeOnCores, setNiceness } from "./machine.ts";
import { type SlowViewerReport, SlowViewers } from "./slow-viewers.ts";
import {
  type Check,
  countSkips,
  PROBE_OVERHEAD_SECONDS,
  printChecks,
  probe,
  type StressedServer,
  type StressSettings,
  startStressed,
} from "./stress.ts";
import { type Column, formatTable, short } from "./table.ts";

const USAGE = `npm run bench:slow -- [options]
  --viewers N         healthy viewers                              (500)
  --slow N            viewers that read at half the bitrate        (50)
  --stopped N         viewers that stop reading                    (10)
  --seconds N         how long the slow ones are there             (120)
  --before N          seconds of latency before they come          (30)
  --receive-buffer N  SO_RCVBUF of the slow ones, which Linux doubles; 0: the kernel's own choice (65536)
  --without-koffi     the server cannot bound what the kernel queues
  --min-skips N       fewer skips than this are a failure          (1)
  --rate N            new healthy viewers per second               (1000)
  --threads N         threads that drain healthy viewers           (1)
  --workers N         media workers of the server                  (1)
  --kbps N            bitrate of the stream, audio 96 of it        (996)
  --gop N             seconds from key frame to key frame          (2)
  --priority N        up to 20, as root: before others on a machine that is shared (0)
  --set NAME=VALUE    environment of the server, repeatable: SLUICE_LIMITS_MAX_LAG_MS=4000
  --json              one JSON object on standard output instead of text

Exit code 1 when the healthy ones' p99 latency grows by 20 % or more, when too few skips were counted or one did not go on with a
key frame, when a viewer that stopped is still connected slowViewerTimeoutMs + 5 s later, or when a slow one sees the stream more
than maxLagMs + 2 s late. 5000/500/100 is the full size; loopback only, Linux only.`;

const SETTLE_SECONDS = 3;
const SLACK_SECONDS = 5;
/** Between the leaving of the slow ones and the last look at memory. */
const CALM_SECONDS = 10;
const AFTER_SECONDS = 5;
const CONNECT_SECONDS_PER_SLOW = 1 / 200;
const SAMPLE_MEMORY_EVERY_MS = 1_000;
const MAX_P99_GROWTH = 0.2;
const CLOSE_TOLERANCE_MS = 5_000;
const LAG_TOLERANCE_MS = 2_000;
const STANDARD_TIMEOUT_MS = 20_000;
const STANDARD_MAX_LAG_MS = 8_000;
/** Makes `require("koffi")` fail in the server and its threads. */
const WITHOUT_KOFFI =
  "--import=data:text/javascript," +
  'import{registerHooks}from"node:module";registerHooks({resolve(s,c,n){if(s==="koffi")throw new Error("no koffi");return n(s,c)}})';

interface Settings extends StressSettings {
  readonly viewers: number;
  readonly slow: number;
  readonly stopped: number;
  readonly seconds: number;
  readonly before: number;
  readonly receiveBufferBytes: number;
  readonly minSkips: number;
  readonly rate: number;
  readonly threads: number;
  readonly priority: number;
  readonly json: boolean;
  readonly timeoutMs: number;
  readonly maxLagMs: number;
}

/** In bytes: what the server's process has, and what all TCP sockets of the machine hold. */
interface Memory {
  readonly rss: number;
  readonly tcp: number;
}

interface Phase {
  readonly name: "before" | "during" | "after";
  readonly load: LoadReport;
  /** The most of the phase. */
  readonly memory: Memory;
}

interface Result {
  readonly phases: readonly Phase[];
  readonly healthy: LoadReport;
  readonly slow: SlowViewerReport;
  readonly skips: number;
}

const COLUMNS: readonly Column<Phase>[] = [
  { title: "phase", text: ({ name }) => name },
  { title: "flush ms", text: ({ load }) => short(load.arrivalMs.mean) },
  { title: "latency p50", text: ({ load }) => short(load.latencyMs.p50) },
  { title: "p99", text: ({ load }) => short(load.latencyMs.p99) },
  { title: "max", text: ({ load }) => short(load.latencyMs.max) },
  { title: "core %", text: ({ load }) => short((load.server?.cpuShare ?? 0) * 100) },
  { title: "RSS MB", text: ({ memory }) => short(memory.rss / 1e6) },
  { title: "TCP buffers MB", text: ({ memory }) => short(memory.tcp / 1e6) },
  { title: "load core %", text: ({ load }) => short(load.loadCpuShare * 100) },
];

function readSettings(): Settings {
  const { values } = parseArgs({
    options: {
      viewers: { type: "string", default: "500" },
      slow: { type: "string", default: "50" },
      stopped: { type: "string", default: "10" },
      seconds: { type: "string", default: "120" },
      before: { type: "string", default: "30" },
      "receive-buffer": { type: "string", default: "65536" },
      "without-koffi": { type: "boolean", default: false },
      "min-skips": { type: "string", default: "1" },
      rate: { type: "string", default: "1000" },
      threads: { type: "string", default: "1" },
      workers: { type: "string", default: "1" },
      kbps: { type: "string", default: "996" },
      gop: { type: "string", default: "2" },
      priority: { type: "string", default: "0" },
      set: { type: "string", multiple: true, default: [] },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) throw new MediaError(USAGE);
  const environment: Readonly<Record<string, string>> = Object.fromEntries(values.set.map((text) => text.split("=", 2)));
  const { viewers, slow, stopped, seconds, before, rate, threads, workers, kbps, gop, priority } = values;
  return {
    viewers: readNumber("viewers", viewers),
    slow: readNumber("slow", slow),
    stopped: readNumber("stopped", stopped),
    seconds: readNumber("seconds", seconds),
    before: readNumber("before", before),
    receiveBufferBytes: readNumber("receive-buffer", values["receive-buffer"]),
    minSkips: readNumber("min-skips", values["min-skips"]),
    rate: readNumber("rate", rate),
    threads: readNumber("threads", threads),
    workers: readNumber("workers", workers),
    kbps: readNumber("kbps", kbps),
    gop: readNumber("gop", gop),
    priority: readNumber("priority", priority),
    environment,
    nodeArguments: values["without-koffi"] ? [WITHOUT_KOFFI] : [],
    json: values.json,
    timeoutMs: Number(environment.SLUICE_LIMITS_SLOW_VIEWER_TIMEOUT_MS ?? STANDARD_TIMEOUT_MS),
    maxLagMs: Number(environment.SLUICE_LIMITS_MAX_LAG_MS ?? STANDARD_MAX_LAG_MS),
  };
}

async function measure(settings: Settings): Promise<Result> {
  await using server = await startStressed(settings);
  const stop = new AbortController();
  const healthy = openHealthy(settings, server, stop.signal);
  healthy.catch(() => {}); // told where it is awaited
  try {
    return await Promise.race([server.process.ended, measurePhases(settings, server, healthy)]);
  } finally {
    stop.abort();
    await healthy.catch(() => {});
  }
}

async function measurePhases(settings: Settings, server: StressedServer, healthy: Promise<LoadReport>): Promise<Result> {
  const { url } = server;
  await sleep((settings.viewers / settings.rate + SETTLE_SECONDS) * 1000);
  const before = await measurePhase(server, "before", settings.before);
  const skipsBefore = await countSkips(server);
  const { slow, stopped, receiveBufferBytes } = settings;
  const slowBps = settings.kbps * 500;
  let during: Phase;
  let slowReport: SlowViewerReport;
  {
    using viewers = new SlowViewers({ url, slow, stopped, slowBps, receiveBufferBytes });
    showLine("slow viewers come");
    await viewers.open();
    during = await measurePhase(server, "during", settings.seconds);
    slowReport = viewers.report();
  }
  const skips = (await countSkips(server)) - skipsBefore;
  showLine("slow viewers have left");
  await sleep(CALM_SECONDS * 1000);
  const after = await measurePhase(server, "after", AFTER_SECONDS);
  return { phases: [before, during, after], healthy: await healthy, slow: slowReport, skips };
}

/** They watch through all phases; nobody of them is sampled, the probes are. */
function openHealthy(settings: Settings, { url }: StressedServer, signal: AbortSignal): Promise<LoadReport> {
  const { viewers, rate, threads, kbps, slow, stopped, before, seconds } = settings;
  const slowSeconds = (slow + stopped) * CONNECT_SECONDS_PER_SLOW + seconds + CALM_SECONDS;
  return runLoad({
    urls: [url],
    viewers,
    sampled: 0,
    threads,
    rampPerSecond: rate,
    settleSeconds: SETTLE_SECONDS,
    holdSeconds: before + slowSeconds + AFTER_SECONDS + 3 * PROBE_OVERHEAD_SECONDS + SLACK_SECONDS,
    expectedKbps: kbps,
    signal,
  });
}

async function measurePhase(server: StressedServer, name: Phase["name"], seconds: number): Promise<Phase> {
  const memory = { rss: 0, tcp: 0 };
  const timer = setInterval(() => {
    memory.rss = Math.max(memory.rss, readProcessUsage(server.process.pid)?.rssBytes ?? 0);
    memory.tcp = Math.max(memory.tcp, readTcpBufferBytes());
  }, SAMPLE_MEMORY_EVERY_MS);
  try {
    return { name, load: await probe(server, name, seconds), memory };
  } finally {
    clearInterval(timer);
  }
}

function check(settings: Settings, { phases, slow, skips }: Result): Check[] {
  const [before, during] = phases.map(({ load }) => load.latencyMs.p99);
  const growth = (during ?? 0) / (before || 1) - 1;
  const { stopped, slow: read } = slow;
  const closeMs = settings.timeoutMs + CLOSE_TOLERANCE_MS;
  const lagMs = settings.maxLagMs + LAG_TOLERANCE_MS;
  return [
    { what: `healthy p99 latency ${signed(growth * 100)} %, allowed +20 %`, isMet: growth < MAX_P99_GROWTH },
    { what: `${skips} skips counted by the server, at least ${settings.minSkips} wanted`, isMet: skips >= settings.minSkips },
    {
      what: `${read.skipsSeen} skips seen by slow viewers, ${read.skipsWithoutKey} of them not to a key frame`,
      isMet: read.skipsWithoutKey === 0,
    },
    {
      what: `${stopped.closed} of ${stopped.opened} that stopped reading closed, the last after ${short(stopped.closedAfterMs.max / 1000)} s, allowed ${closeMs / 1000} s`,
      isMet: stopped.closed === stopped.opened && stopped.closedAfterMs.max <= closeMs,
    },
    {
      what: `slow viewers see the stream at most ${short(read.latencyMs.max / 1000)} s late, allowed ${lagMs / 1000} s`,
      isMet: read.latencyMs.max <= lagMs,
    },
  ];
}

const signed = (value: number): string => `${value < 0 ? "" : "+"}${value.toFixed(1)}`;

function print(settings: Settings, { phases, healthy, slow }: Result, checks: readonly Check[]): void {
  console.log(formatTable(COLUMNS, phases));
  const { viewers } = healthy;
  console.log(
    `\nhealthy: ${viewers.watching} of ${viewers.wanted} watch to the end, ${viewers.starved} starved, ` +
      `${viewers.stalledViewers} stalled, longest gap ${short(viewers.longestGapMs)} ms ${viewers.firstFailure}`,
  );
  const { slow: read, stopped } = slow;
  console.log(
    `slow: ${read.stillWatching} of ${read.opened} watch to the end, ${short(read.kbps)} kbps each, latency p50 ` +
      `${short(read.latencyMs.p50)}, p99 ${short(read.latencyMs.p99)}, max ${short(read.latencyMs.max)} ms; ` +
      `${read.viewersThatSkipped} have skipped, ${read.framingErrors} framing errors, ${read.backwards} steps back ${read.firstFailure}`,
  );
  console.log(
    `stopped: ${stopped.closed} of ${stopped.opened} closed, after p50 ${short(stopped.closedAfterMs.p50 / 1000)} s, ` +
      `max ${short(stopped.closedAfterMs.max / 1000)} s`,
  );
  const buffer = slow.hasReceiveBuffer ? `SO_RCVBUF ${settings.receiveBufferBytes}` : "the kernel's own receive buffers";
  console.log(`slow and stopped ones have ${buffer}; ${describeTcpSettings().join(", ")}`);
  printChecks(checks);
}

async function main(): Promise<void> {
  const settings = readSettings();
  const { viewers, slow, stopped, seconds, timeoutMs } = settings;
  if (seconds * 1000 < timeoutMs + CLOSE_TOLERANCE_MS) {
    throw new MediaError(`--seconds must be at least ${(timeoutMs + CLOSE_TOLERANCE_MS) / 1000}, to see who is closed`);
  }
  const machine = describeMachine();
  pinSelf(placeOnCores(settings.workers).load);
  if (settings.priority > 0) setNiceness(-settings.priority);
  if (!settings.json) {
    console.log(`${machine.cpu}, ${machine.cores} cores, ${machine.memoryGb} GB, ${machine.kernel}, Node ${machine.node}`);
    console.log(`${viewers} healthy viewers, ${slow} slow, ${stopped} that stop, ${settings.kbps} kbps, for ${seconds} s\n`);
  }
  const result = await measure(settings);
  const checks = check(settings, result);
  showLine("");
  if (settings.json)
    console.log(JSON.stringify({ machine, tcp: describeTcpSettings(), settings, ...result, checks }, undefined, 1));
  else print(settings, result, checks);
  process.exitCode = checks.every(({ isMet }) => isMet) ? 0 : 1;
}

await runCommand(main);
