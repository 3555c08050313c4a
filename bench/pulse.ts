/**
 * Measures what happens when many viewers come at once: `npm run bench:pulse`, see USAGE. Some watch already; the crowd comes within
 * seconds, stays a while, and all leave.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { MediaError } from "../src/base/media-error.ts";
import type { LoadReport, ViewerReport } from "../src/services/load/load-report.ts";
import { type ProcessUsage, readProcessUsage } from "../src/services/load/process-usage.ts";
import { runLoad } from "../src/services/load/run-load.ts";
import { readNumber, runCommand, showLine, showProgress } from "./command.ts";
import { describeMachine, pinSelf, placeOnCores, setNiceness } from "./machine.ts";
import {
  type Check,
  PROBE_OVERHEAD_SECONDS,
  printChecks,
  probe,
  type StressedServer,
  type StressSettings,
  startStressed,
} from "./stress.ts";
import { type Column, formatTable, short } from "./table.ts";

const USAGE = `npm run bench:pulse -- [options]
  --viewers N         watch already                                (1000)
  --pulse N           come at once                                 (3000)
  --within N          seconds in which they come                   (3)
  --stay N            seconds that all stay after the last came    (10)
  --calm N            seconds between their leaving and the last look at memory (15)
  --rate N            new viewers per second before the pulse      (1000)
  --threads N         threads that open and drain viewers          (1)
  --workers N         media workers of the server                  (1)
  --kbps N            bitrate of the stream, audio 96 of it        (996)
  --gop N             seconds from key frame to key frame          (2)
  --priority N        up to 20, as root: before others on a machine that is shared (0)
  --set NAME=VALUE    environment of the server, repeatable
  --json              one JSON object on standard output instead of text

Exit code 1 when one of the pulse got no key frame, when their first key frame took more than 1 s (p99), or when one of those that
watched already saw a gap longer than the flush interval before the pulse + 200 ms. Loopback counts twice: the load receives every
first GOP on its own core, so look at its share of that core before blaming the server.`;

const SETTLE_SECONDS = 3;
const BEFORE_SECONDS = 5;
/** Between the beginning of the window and the pulse: the probes have ended by then. */
const QUIET_SECONDS = 2;
const MAX_FIRST_KEY_MS = 1_000;
const MAX_EXTRA_GAP_MS = 200;
/** Viewers that are drained are looked at this seldom at worst: gaps of theirs are known no better. */
const MAX_DRAIN_INTERVAL_MS = 250;
const SAMPLE_EVERY_MS = 500;

interface Settings extends StressSettings {
  readonly viewers: number;
  readonly pulse: number;
  readonly within: number;
  readonly stay: number;
  readonly calm: number;
  readonly rate: number;
  readonly threads: number;
  readonly priority: number;
  readonly json: boolean;
}

interface Result {
  /** Of the twenty probes, with the base watching and before the pulse. */
  readonly before: LoadReport;
  readonly load: LoadReport;
  readonly pulse: ViewerReport;
  /** In bytes: without viewers, with the base, at most, and when all had left. */
  readonly rss: { readonly idle: number; readonly base: number; readonly peak: number; readonly after: number };
  /** Shares of one core in the busiest half second since the pulse began: whoever had all of it was what the pulse waited for. */
  readonly busiest: Shares;
}

interface Shares {
  readonly server: number;
  readonly load: number;
}

interface Group {
  readonly name: string;
  readonly viewers: ViewerReport;
}

const COLUMNS: readonly Column<Group>[] = [
  { title: "viewers", text: ({ name }) => name },
  { title: "wanted", text: ({ viewers }) => String(viewers.wanted) },
  { title: "got a key frame", text: ({ viewers }) => String(viewers.firstKeyMs.count) },
  { title: "refused", text: ({ viewers }) => String(viewers.failures.refused) },
  { title: "otherwise failed", text: ({ viewers }) => String(countFailures(viewers) - viewers.failures.refused) },
  { title: "connected ms p50", text: ({ viewers }) => short(viewers.connectMs.p50) },
  { title: "p99", text: ({ viewers }) => short(viewers.connectMs.p99) },
  { title: "first media p50", text: ({ viewers }) => short(viewers.firstMediaMs.p50) },
  { title: "p99", text: ({ viewers }) => short(viewers.firstMediaMs.p99) },
  { title: "first key p50", text: ({ viewers }) => short(viewers.firstKeyMs.p50) },
  { title: "p99", text: ({ viewers }) => short(viewers.firstKeyMs.p99) },
  { title: "max", text: ({ viewers }) => short(viewers.firstKeyMs.max) },
];

function countFailures(viewers: ViewerReport): number {
  return Object.values(viewers.failures).reduce((sum, count) => sum + count, 0);
}

function readSettings(): Settings {
  const { values } = parseArgs({
    options: {
      viewers: { type: "string", default: "1000" },
      pulse: { type: "string", default: "3000" },
      within: { type: "string", default: "3" },
      stay: { type: "string", default: "10" },
      calm: { type: "string", default: "15" },
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
  const { viewers, pulse, within, stay, calm, rate, threads, workers, kbps, gop, priority } = values;
  return {
    viewers: readNumber("viewers", viewers),
    pulse: readNumber("pulse", pulse),
    within: readNumber("within", within),
    stay: readNumber("stay", stay),
    calm: readNumber("calm", calm),
    rate: readNumber("rate", rate),
    threads: readNumber("threads", threads),
    workers: readNumber("workers", workers),
    kbps: readNumber("kbps", kbps),
    gop: readNumber("gop", gop),
    priority: readNumber("priority", priority),
    environment: Object.fromEntries(values.set.map((text) => text.split("=", 2))),
    nodeArguments: [],
    json: values.json,
  };
}

async function measure(settings: Settings): Promise<Result> {
  await using server = await startStressed(settings);
  return await Promise.race([server.process.ended, measurePulse(settings, server)]);
}

async function measurePulse(settings: Settings, server: StressedServer): Promise<Result> {
  const rssNow = (): number => readProcessUsage(server.process.pid)?.rssBytes ?? 0;
  const idle = rssNow();
  const watch = new UsageWatch(server.process.pid);
  try {
    const running = openViewers(settings, server);
    const quiet = measureBefore(settings, server).then((before) => {
      watch.forgetShares();
      return { before, base: rssNow() };
    });
    const [load, { before, base }] = await Promise.all([running, quiet]);
    if (!load.pulse) throw new MediaError("--pulse must be at least 1");
    const busiest = watch.stop();
    showLine("all have left");
    await sleep(settings.calm * 1000);
    return { before, load, pulse: load.pulse, rss: { idle, base, peak: watch.peakRssBytes, after: rssNow() }, busiest };
  } finally {
    watch.stop();
  }
}

/** Watches a server's memory, and how busy it and this process are, until it is stopped. */
class UsageWatch {
  peakRssBytes = 0;
  readonly #pid: number;
  readonly #timer: ReturnType<typeof setInterval>;
  #serverShare = 0;
  #loadShare = 0;
  #server: ProcessUsage | undefined;
  #own = process.cpuUsage();
  #atMs = performance.now();

  constructor(pid: number) {
    this.#pid = pid;
    this.#server = readProcessUsage(pid);
    this.#timer = setInterval(() => this.#sample(), SAMPLE_EVERY_MS);
  }

  /** Forgets how busy they have been before. */
  forgetShares(): void {
    this.#serverShare = 0;
    this.#loadShare = 0;
  }

  stop(): Shares {
    clearInterval(this.#timer);
    return { server: this.#serverShare, load: this.#loadShare };
  }

  #sample(): void {
    const elapsedUs = (performance.now() - this.#atMs) * 1000;
    const own = process.cpuUsage(this.#own);
    const server = readProcessUsage(this.#pid);
    if (server && this.#server) this.#serverShare = Math.max(this.#serverShare, (server.cpuUs - this.#server.cpuUs) / elapsedUs);
    this.#loadShare = Math.max(this.#loadShare, (own.user + own.system) / elapsedUs);
    this.peakRssBytes = Math.max(this.peakRssBytes, server?.rssBytes ?? 0);
    this.#server = server;
    this.#own = process.cpuUsage();
    this.#atMs = performance.now();
  }
}

/** The flush interval and the latency while the base watches and settles. */
async function measureBefore(settings: Settings, server: StressedServer): Promise<LoadReport> {
  await sleep((settings.viewers / settings.rate + SETTLE_SECONDS) * 1000);
  return await probe(server, "before", BEFORE_SECONDS);
}

function openViewers(settings: Settings, server: StressedServer): Promise<LoadReport> {
  const { viewers, pulse, within, stay, rate, threads, kbps } = settings;
  return runLoad({
    urls: [server.url],
    viewers,
    threads,
    rampPerSecond: rate,
    settleSeconds: SETTLE_SECONDS + PROBE_OVERHEAD_SECONDS + BEFORE_SECONDS,
    holdSeconds: QUIET_SECONDS + within + stay,
    pulse: { viewers: pulse, overSeconds: within, afterSeconds: QUIET_SECONDS },
    expectedKbps: kbps,
    serverPid: server.process.pid,
    onProgress: (progress) => showProgress("pulse", viewers + pulse, progress),
  });
}

function check({ before, load, pulse }: Result): Check[] {
  const allowedGapMs = before.arrivalMs.mean + MAX_EXTRA_GAP_MS;
  return [
    {
      what: `${pulse.firstKeyMs.count} of ${pulse.wanted} of the pulse got a key frame`,
      isMet: pulse.firstKeyMs.count === pulse.wanted,
    },
    {
      what: `first key frame of the pulse p99 ${short(pulse.firstKeyMs.p99)} ms, allowed ${MAX_FIRST_KEY_MS} ms`,
      isMet: pulse.firstKeyMs.p99 <= MAX_FIRST_KEY_MS,
    },
    {
      what: `longest gap between arrivals at sampled viewers that watched already ${short(load.arrivalMs.max)} ms, allowed ${short(allowedGapMs)} ms`,
      isMet: load.arrivalMs.max <= allowedGapMs,
    },
    {
      what: `of all that watched already ${short(load.viewers.longestGapMs)} ms, allowed ${short(allowedGapMs + MAX_DRAIN_INTERVAL_MS)} ms as they are drained`,
      isMet: load.viewers.longestGapMs <= allowedGapMs + MAX_DRAIN_INTERVAL_MS,
    },
  ];
}

function print({ before, load, pulse, rss, busiest }: Result, checks: readonly Check[]): void {
  const groups = [
    { name: "base", viewers: load.viewers },
    { name: "pulse", viewers: pulse },
  ];
  console.log(formatTable(COLUMNS, groups));
  const { arrivalMs, latencyMs, sampled, server } = load;
  console.log(
    `\nthose that watched already: flush interval ${short(before.arrivalMs.mean)} ms before, then p50 ${short(arrivalMs.p50)}, ` +
      `p99 ${short(arrivalMs.p99)}, max ${short(arrivalMs.max)} ms between arrivals, ${short(sampled.longestFrameGapMs)} ms between pictures`,
  );
  console.log(
    `their latency p50 ${short(before.latencyMs.p50)}, p99 ${short(before.latencyMs.p99)} ms before, ` +
      `then p50 ${short(latencyMs.p50)}, p99 ${short(latencyMs.p99)}, max ${short(latencyMs.max)} ms`,
  );
  const mb = (bytes: number): string => short(bytes / 1e6);
  console.log(
    `RSS ${mb(rss.idle)} MB idle, ${mb(rss.base)} before the pulse, ${mb(rss.peak)} at most, ${mb(rss.after)} after all had left`,
  );
  const percent = (share = 0): string => `${short(share * 100)} %`;
  console.log(
    `of one core: server ${percent(server?.cpuShare)} in the window, ${percent(busiest.server)} in its busiest half second; ` +
      `load ${percent(load.loadCpuShare)} and ${percent(busiest.load)}`,
  );
  for (const { name, viewers: group } of groups) if (group.firstFailure) console.log(`${name}: ${group.firstFailure}`);
  printChecks(checks);
}

async function main(): Promise<void> {
  const settings = readSettings();
  const { viewers, pulse, within, kbps } = settings;
  if (pulse < 1 || viewers < 1) throw new MediaError("--viewers and --pulse must be at least 1");
  const machine = describeMachine();
  pinSelf(placeOnCores(settings.workers).load);
  if (settings.priority > 0) setNiceness(-settings.priority);
  if (!settings.json) {
    console.log(`${machine.cpu}, ${machine.cores} cores, ${machine.memoryGb} GB, ${machine.kernel}, Node ${machine.node}`);
    console.log(`${viewers} viewers watch, ${pulse} come within ${within} s, ${kbps} kbps\n`);
  }
  const result = await measure(settings);
  const checks = check(result);
  showLine("");
  if (settings.json) console.log(JSON.stringify({ machine, settings, ...result, checks }, undefined, 1));
  else print(result, checks);
  process.exitCode = checks.every(({ isMet }) => isMet) ? 0 : 1;
}

await runCommand(main);
