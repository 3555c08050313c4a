import { writeFileSync } from "node:fs";
import type { Machine } from "./machine.ts";
import { plotSvg, type Series } from "./plot.ts";
import { type Column, markdownTable } from "./table.ts";

/** What a report needs of a row: the rest is in its columns. */
export interface ReportRow {
  readonly protocol: string;
  readonly viewers: number;
  readonly load: {
    readonly latencyMs: { readonly p50: number; readonly p99: number };
    readonly server?: { readonly cpuUsPerViewerSecond: number } | undefined;
  };
}

export interface ReportOptions<Row> {
  readonly file: string;
  readonly command: string;
  readonly conditions: string;
  readonly machine: Machine;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
}

/** Writes the rows as Markdown, with plots of cost and latency as SVG files beside it. */
export function writeReport<Row extends ReportRow>(options: ReportOptions<Row>): void {
  const { file, command, conditions, machine, columns, rows } = options;
  const base = file.replace(/\.md$/, "");
  const name = base.slice(base.lastIndexOf("/") + 1);
  const cost = series(rows, "", (row) => row.load.server?.cpuUsPerViewerSecond ?? 0);
  const latency = [
    ...series(rows, " p50", (row) => row.load.latencyMs.p50),
    ...series(rows, " p99", (row) => row.load.latencyMs.p99),
  ];
  const xTitle = "viewers";
  writeFileSync(
    `${base}-cost.svg`,
    plotSvg({ title: "CPU of the server", xTitle, yTitle: "µs per viewer-second", series: cost }),
  );
  writeFileSync(`${base}-latency.svg`, plotSvg({ title: "Latency, publisher to viewer", xTitle, yTitle: "ms", series: latency }));
  const text = [
    "# Performance",
    "",
    "Written by the command below; its figures hold for that machine at that time. Compare ratios, not machines.",
    "",
    `- command: \`${command}\``,
    `- machine: ${machine.cores} × ${machine.cpu}, ${machine.memoryGb} GB, ${machine.kernel}, Node ${machine.node}, file limit ${machine.fileLimit}`,
    `- conditions: ${conditions}`,
    "",
    markdownTable(columns, rows),
    "",
    "Latency is from the publisher's write to the whole frame at a sampled viewer, in ms. CPU is user and system time of the server, the",
    "loopback TCP work for its viewers included. First media counts from the beginning of the connection. Times in ms.",
    "",
    `![CPU](${name}-cost.svg)`,
    `![Latency](${name}-latency.svg)`,
    "",
  ];
  writeFileSync(file, text.join("\n"));
}

function series<Row extends ReportRow>(rows: readonly Row[], suffix: string, pick: (row: Row) => number): Series[] {
  const protocols = [...new Set(rows.map((row) => row.protocol))];
  return protocols.map((protocol) => ({
    name: protocol + suffix,
    points: rows.filter((row) => row.protocol === protocol).map((row) => [row.viewers, pick(row)] as const),
  }));
}
