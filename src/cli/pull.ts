import { parseStreamUrl } from "../services/clients/stream-url.ts";
import { numberFlag, UsageError } from "./arguments.ts";
import { type Command, EXIT_OK, JSON_FLAG } from "./command.ts";
import { formatBitrate, formatBytes, formatTime } from "./progress.ts";

const MAX_DURATION_S = 10_000_000;

export const pull: Command = {
  name: "pull",
  summary: "save a live stream as an FLV file, as it comes",
  operands: ["URL", "OUT.flv"],
  flags: [{ name: "duration", value: "SECONDS", doc: "media time to save, else until the stream ends or Ctrl-C" }, JSON_FLAG],
  notes: ["URL is one of", "  rtmp://HOST/APP/NAME", "  http://HOST:8080/APP/NAME.flv", "  ws://HOST:8080/APP/NAME.flv"],
  run: async (args, io) => {
    const [source = "", file = ""] = args.operands;
    const url = parseStreamUrl(source);
    if (!file.toLowerCase().endsWith(".flv")) throw new UsageError(`pull: "${file}" should end with .flv`);
    const seconds = numberFlag(args, "duration", 0.001, MAX_DURATION_S);
    const isJson = args.flags.has("json");
    const tell = (type: string, values: object) => io.out(JSON.stringify({ type, ...values }));
    // Loaded only now: a server that runs for weeks needs none of it.
    const { pullStream } = await import("../services/pull/pull-stream.ts");
    const saved = await pullStream(url, file, {
      signal: io.signal,
      durationMs: seconds === undefined ? undefined : seconds * 1000,
      onProgress: (progress) => {
        const { timeMs, bytes, bitrateBps, fps } = progress;
        if (isJson) tell("progress", progress);
        else io.progress(`${formatTime(timeMs)}  ${formatBytes(bytes)}  ${formatBitrate(bitrateBps)}  ${fps.toFixed(0)} fps`);
      },
    });
    if (isJson) tell("end", saved);
    else if (saved.tags === 0) io.err("nothing came, no file was made");
    else io.err(`saved ${formatTime(saved.timeMs)}, ${formatBytes(saved.bytes)}, in ${file}`);
    return EXIT_OK;
  },
};
