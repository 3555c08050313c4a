import { parseStreamUrl } from "../services/clients/stream-url.ts";
import type { ProbeReport } from "../services/probe/probe-stream.ts";
import type { TrackReport } from "../services/probe/stream-meter.ts";
import { numberFlag } from "./arguments.ts";
import { type Command, EXIT_OK } from "./command.ts";
import { formatBitrate, formatTime } from "./progress.ts";

const MAX_WATCH_S = 3600;

export const probe: Command = {
  name: "probe",
  summary: "watch a live stream for a few seconds and describe it",
  operands: ["URL"],
  flags: [
    { name: "duration", value: "SECONDS", doc: "how long to watch after the first frame (4)" },
    { name: "json", doc: "print one JSON object" },
  ],
  notes: ["URL is one of", "  rtmp://HOST/APP/NAME", "  http://HOST:8080/APP/NAME.flv", "  ws://HOST:8080/APP/NAME.flv"],
  run: async (args, io) => {
    const url = parseStreamUrl(args.operands[0] ?? "");
    const seconds = numberFlag(args, "duration", 0.1, MAX_WATCH_S);
    // Loaded only now: a server that runs for weeks needs none of it.
    const { probeStream } = await import("../services/probe/probe-stream.ts");
    const report = await probeStream(url, { signal: io.signal, ...(seconds === undefined ? {} : { watchMs: seconds * 1000 }) });
    io.out(args.flags.has("json") ? JSON.stringify(report) : describe(report));
    return EXIT_OK;
  },
};

function describe(report: ProbeReport): string {
  const { interleaveMs, gopMs } = report;
  const signed = (ms: number) => `${ms > 0 ? "+" : ""}${ms} ms`;
  const lines = [
    report.url,
    `  first frame  ${report.firstFrameMs} ms after connecting`,
    `  seen         ${formatTime(report.seenMs)} of media, ${formatBitrate(report.bitrateBps)}`,
    `  key frames   ${gopMs === 0 ? "fewer than two seen" : `every ${(gopMs / 1000).toFixed(2)} s`}`,
  ];
  const kinds = new Set(report.tracks.map(({ kind }) => kind));
  if (kinds.has("audio") && kinds.has("video")) {
    lines.push(
      `  interleave   sound before picture: ${signed(interleaveMs.mean)} on average, ${signed(interleaveMs.max)} at most`,
    );
  }
  return [...lines, ...report.tracks.filter(({ frames }) => frames > 0).map(describeTrack)].join("\n");
}

function describeTrack(track: TrackReport): string {
  const { kind, codec, codecString, width, height, fps, sampleRate, channels, bitrateBps, hasBFrames } = track;
  const codecs = codecString === "" || codecString === codec ? codec : `${codec} (${codecString})`;
  const picture = [`${width}x${height}`, `${fps} fps`, ...(hasBFrames ? ["B-frames"] : [])];
  const sound = [`${sampleRate} Hz`, `${channels} ${channels === 1 ? "channel" : "channels"}`];
  const details = kind === "video" ? picture : kind === "audio" ? sound : [];
  return `  ${kind.padEnd(11)}  ${[codecs, ...details, formatBitrate(bitrateBps)].join(", ")}`;
}
