import { parseStreamUrl } from "../services/clients/stream-url.ts";
import type { PushProgress } from "../services/push/push-meter.ts";
import { numberFlag } from "./arguments.ts";
import { type Command, EXIT_OK, JSON_FLAG } from "./command.ts";
import { formatBitrate, formatBytes, formatTime } from "./progress.ts";

const MAX_SPEED = 1000;

export const push: Command = {
  name: "push",
  summary: "publish a file as a live stream, at its own pace",
  operands: ["FILE", "URL"],
  flags: [
    { name: "loop", doc: "begin again at the end, without end; timestamps go on" },
    { name: "speed", value: "N", doc: "2 is twice as fast, 0 as fast as the server takes it (1)" },
    { name: "no-reconnect", doc: "fail when the connection is lost, instead of trying again" },
    JSON_FLAG,
  ],
  notes: [
    "FILE is FLV, MP4 or MPEG-TS. URL is one of",
    "  rtmp://HOST/APP/NAME   rtmps://HOST/APP/NAME",
    "  http://HOST:8080/APP/NAME.flv   https://…",
    "  ws://HOST:8080/APP/NAME   wss://…",
  ],
  run: async (args, io) => {
    const [file = "", target = ""] = args.operands;
    const url = parseStreamUrl(target);
    // Loaded only now: a server that runs for weeks needs none of it.
    const { pushFile } = await import("../services/push/push-file.ts");
    const isJson = args.flags.has("json");
    const tell = (type: string, values: object) => io.out(JSON.stringify({ type, ...values }));
    const sent = await pushFile(file, url, {
      loop: args.flags.has("loop"),
      speed: numberFlag(args, "speed", 0, MAX_SPEED) ?? 1,
      reconnect: !args.flags.has("no-reconnect"),
      signal: io.signal,
      onNotice: (message) => (isJson ? tell("notice", { message }) : io.err(message)),
      onProgress: (progress) => (isJson ? tell("progress", progress) : io.progress(progressLine(progress))),
    });
    if (isJson) tell("end", { bytes: sent.bytes, timeMs: sent.timeMs, frames: sent.frames });
    else io.err(`sent ${formatTime(sent.timeMs)} in ${sent.frames} frames, ${formatBytes(sent.bytes)}`);
    return EXIT_OK;
  },
};

function progressLine({ timeMs, bytes, bitrateBps, fps, latenessMs }: PushProgress): string {
  const rates = `${formatBitrate(bitrateBps)}  ${fps.toFixed(0)} fps  late ${latenessMs.toFixed(0)} ms`;
  return `${formatTime(timeMs)}  ${formatBytes(bytes)}  ${rates}`;
}
