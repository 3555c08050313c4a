/**
 * `npm run soak -- [--minutes 30] [--streams 8] [--viewers 120] [--report docs/soak.md]`: publishers, viewers and stream names come and
 * go over two workers, each name only once; then memory, descriptors and threads of the server must be where they were.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { publishLoad } from "../src/services/load/publish-load.ts";
import { runLoad } from "../src/services/load/run-load.ts";
import { describeMachine } from "./machine.ts";
import { plotSvg } from "./plot.ts";
import { type ServerProcess, startServer } from "./server-process.ts";

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "30" },
    streams: { type: "string", default: "8" },
    viewers: { type: "string", default: "120" },
    report: { type: "string" },
  },
});
const minutes = Number(values.minutes);
const streams = Number(values.streams);
const viewers = Number(values.viewers);
/** Growth from the second quarter to the end that still counts as flat. */
const MAX_GROWTH = 0.1;
const SHAPE = { videoKbps: 400, audioKbps: 64, gopSeconds: 1 };

interface Sample {
  readonly minute: number;
  readonly rssMb: number;
  readonly descriptors: number;
  readonly threads: number;
}

function sample(pid: number, startMs: number): Sample {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const field = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)?.[1] ?? 0);
  return {
    minute: (performance.now() - startMs) / 60_000,
    rssMb: field("VmRSS") / 1024,
    descriptors: readdirSync(`/proc/${pid}/fd`).length,
    threads: field("Threads"),
  };
}

/** Streams of new names, watched in every protocol by viewers that come and go, one of three publishers leaving in the middle. */
async function cycle(server: ServerProcess, round: number): Promise<{ watched: number; failed: number }> {
  const names = Array.from({ length: streams }, (_, i) => `soak-${round}-${i}`);
  const rtmp = (name: string) => `rtmp://127.0.0.1:${server.rtmpPort}/live/${name}`;
  const http = `127.0.0.1:${server.httpPort}/live`;
  const publishers = [];
  for (let i = 0; i < 3; i++) publishers.push(await publishLoad(names.filter((_, n) => n % 3 === i).map(rtmp), SHAPE));
  await sleep(1200);
  const urls = names.flatMap((name) => [
    `http://${http}/${name}.flv`,
    `ws://${http}/${name}.flv`,
    rtmp(name),
    `http://${http}/${name}.ts`,
  ]);
  const allWatch = Promise.withResolvers<void>();
  const watching = runLoad({
    urls,
    viewers,
    sampled: 4,
    rampPerSecond: 100,
    settleSeconds: 1,
    holdSeconds: 3,
    onProgress: ({ phase }) => phase === "window" && allWatch.resolve(),
  });
  await Promise.race([allWatch.promise, watching]);
  await publishers[0]?.stop();
  const { viewers: report } = await watching;
  for (const publisher of publishers.slice(1)) await publisher.stop();
  return { watched: report.gotMedia, failed: report.wanted - report.gotMedia };
}

function average(samples: readonly Sample[], pick: (sample: Sample) => number): number {
  return samples.reduce((sum, each) => sum + pick(each), 0) / Math.max(1, samples.length);
}

const limits = { SLUICE_LIMITS_PUBLISHER_GRACE_MS: "1500" };
await using server = await startServer({ workers: 2, cores: undefined, nodeArguments: [], environment: limits });
const startMs = performance.now();
const samples: Sample[] = [sample(server.pid, startMs)];
let rounds = 0;
let watched = 0;
let failed = 0;
while (performance.now() - startMs < minutes * 60_000) {
  const result = await Promise.race([cycle(server, rounds++), server.ended]);
  watched += result.watched;
  failed += result.failed;
  const now = sample(server.pid, startMs);
  samples.push(now);
  const text = `${now.minute.toFixed(1)} of ${minutes} min, ${rounds * streams} names, ${watched} viewers, ${Math.round(now.rssMb)} MB`;
  process.stderr.write(process.stderr.isTTY ? `\r\x1b[K${text}` : `${text}\n`);
}
await sleep(10_000); // grace periods and lingering renditions end
samples.push(sample(server.pid, startMs));

const warm = samples.slice(Math.ceil(samples.length / 4), Math.ceil(samples.length / 2));
const late = samples.slice(Math.floor((samples.length * 3) / 4));
const growth = average(late, (each) => each.rssMb) / average(warm, (each) => each.rssMb) - 1;
const last = samples.at(-1);
const verdict = growth <= MAX_GROWTH && failed === 0 ? "flat" : "NOT flat";
const summary = [
  `| minutes | stream names | viewers | without media | RSS second quarter | RSS last quarter | growth | descriptors at the end | threads |`,
  `|---|---|---|---|---|---|---|---|---|`,
  `| ${minutes} | ${rounds * streams} | ${watched} | ${failed} | ${average(warm, (each) => each.rssMb).toFixed(0)} MB | ` +
    `${average(late, (each) => each.rssMb).toFixed(0)} MB | ${(growth * 100).toFixed(1)} % | ${last?.descriptors} | ${last?.threads} |`,
].join("\n");
console.log(`\n${summary}\n\n${verdict}`);
if (values.report) {
  const plot = values.report.replace(/\.md$/, ".svg");
  const points = samples.map((each) => [each.minute, each.rssMb] as const);
  writeFileSync(
    plot,
    plotSvg({ title: "Soak: memory of the server", xTitle: "minutes", yTitle: "RSS, MB", series: [{ name: "RSS", points }] }),
  );
  const machine = describeMachine();
  const command = `npm run soak -- --minutes ${minutes} --streams ${streams} --viewers ${viewers}`;
  const text =
    `# Soak test\n\nPublishers, viewers (HTTP-FLV, WS-FLV, RTMP, TS) and stream names come and go over two workers; no name is used twice.\n\n` +
    `\`${command}\` on ${machine.cores} × ${machine.cpu}, ${machine.kernel}, Node ${machine.node}.\n\n${summary}\n\nVerdict: memory is ${verdict}.\n\n![memory](${plot.slice(dirname(plot).length + 1)})\n`;
  writeFileSync(join(values.report), text);
}
process.exitCode = verdict === "flat" ? 0 : 1;
