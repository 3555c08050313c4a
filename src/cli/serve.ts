import { existsSync } from "node:fs";
import { type Config, loadConfig } from "../app/config.ts";
import type { Server } from "../app/server.ts";
import { type Arguments, type Command, EXIT_OK, type Io } from "./command.ts";

/** Read when it is there and no other is named. */
const STANDARD_CONFIG_FILE = "sluice.yaml";

export const serve: Command = {
  name: "serve",
  summary: "run the server",
  operands: [],
  flags: [
    { name: "config", value: "FILE", doc: `configuration, else $SLUICE_CONFIG, else ./${STANDARD_CONFIG_FILE} if it is there` },
    { name: "rtmp", value: "PORT|off", doc: "RTMP ports, by commas; 0 takes a free one (1935)" },
    { name: "http", value: "PORT|off", doc: "HTTP ports, by commas; 0 takes a free one (8080)" },
    { name: "host", value: "ADDRESS", doc: "address to listen on (:: is all)" },
    { name: "workers", value: "N", doc: "media threads, 0 is one per core (0)" },
    { name: "data", value: "DIR", doc: "folder for recordings and state (./data)" },
    { name: "demo", doc: "publish a looping stream live/demo; as it is without a configuration file" },
    { name: "no-demo", doc: "do not" },
    { name: "log-level", value: "LEVEL", doc: "debug, info, warn, error or silent (info)" },
    { name: "json", doc: "print one JSON line with the ports instead of the URLs" },
  ],
  run: async (args, io) => {
    const config = serveConfig(args, io.env);
    const { createServer } = await import("../app/server.ts"); // only now: help and mistakes are answered without it
    const server = await createServer(config);
    io.out(args.flags.has("json") ? JSON.stringify({ ports: server.ports, workers: server.workers }) : banner(server, config));
    await aborted(io.signal);
    await server.close();
    return EXIT_OK;
  },
};

/** The configuration that flags, environment and file ask for. Throws ConfigError. */
export function serveConfig(args: Arguments, env: Io["env"]): Config {
  const text = (name: string) => args.flags.get(name);
  const named = text("config") ?? env.SLUICE_CONFIG;
  const file = typeof named === "string" ? named : existsSync(STANDARD_CONFIG_FILE) ? STANDARD_CONFIG_FILE : undefined;
  const isPlain = file === undefined && env.SLUICE_DEMO === undefined;
  const demo = args.flags.has("no-demo") ? false : args.flags.has("demo") || isPlain ? true : undefined;
  const flags = {
    rtmp: text("rtmp"),
    http: text("http"),
    host: text("host"),
    workers: text("workers"),
    data: text("data"),
    logLevel: text("log-level"),
    demo,
  };
  return loadConfig({ file, env, flags });
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    if (signal.aborted) done();
    else signal.addEventListener("abort", () => done(), { once: true });
  });
}

/** What to open and what to type. */
export function banner(server: Pick<Server, "ports" | "workers">, config: Config): string {
  const [http] = server.ports.http;
  const [rtmp] = server.ports.rtmp;
  const lines = [`Sluice is running with ${server.workers} media ${server.workers === 1 ? "worker" : "workers"}.`, ""];
  if (http !== undefined) {
    lines.push(`  Watch     http://localhost:${http}/`);
    if (config.demo) lines.push(`  Demo      http://localhost:${http}/index.html?stream=live/demo`);
  }
  if (rtmp !== undefined) {
    const base = `rtmp://localhost${rtmp === 1935 ? "" : `:${rtmp}`}/live`;
    lines.push(`  OBS       Settings → Stream → Custom: server ${base}, stream key mystream`);
    lines.push(`  ffmpeg    ffmpeg -re -i video.mp4 -c copy -f flv ${base}/mystream`);
  } else if (http !== undefined) {
    lines.push(`  ffmpeg    ffmpeg -re -i video.mp4 -c copy -f flv http://localhost:${http}/live/mystream`);
  }
  if (http !== undefined) lines.push(`  Play      http://localhost:${http}/live/mystream.flv`);
  lines.push("", "Ctrl-C ends it.");
  return lines.join("\n");
}
