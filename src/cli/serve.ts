import { existsSync } from "node:fs";
import { type Config, loadConfig } from "../app/config.ts";
import type { Server } from "../app/server.ts";
import { MediaError } from "../base/media-error.ts";
import { banner } from "./banner.ts";
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
    { name: "host", value: "ADDRESS", doc: "address to listen on (::, which is all addresses, of IPv4 too)" },
    { name: "workers", value: "N", doc: "media threads, 0 is one per core (0)" },
    { name: "data", value: "DIR", doc: "folder for recordings and state (./data)" },
    { name: "demo", doc: "publish a looping sample as live/demo; on when no configuration file is read" },
    { name: "no-demo", doc: "no demo stream" },
    { name: "log-level", value: "LEVEL", doc: "debug, info, warn, error or silent (info)" },
    { name: "json", doc: "print one JSON line with the ports instead of the URLs" },
  ],
  run: async (args, io) => {
    const config = serveConfig(args, io.env);
    const isJson = args.flags.has("json");
    const server = await start(config);
    const { ports, workers } = server;
    io.out(isJson ? JSON.stringify({ ports, workers }) : banner(server, config, configFile(args, io.env)));
    await aborted(io.signal);
    await server.close();
    if (!isJson) io.out("Sluice has ended.");
    return EXIT_OK;
  },
};

async function start(config: Config): Promise<Server> {
  const { createServer } = await import("../app/server.ts"); // only now: help and mistakes are answered without it
  try {
    return await createServer(config);
  } catch (error) {
    if (!(error instanceof MediaError && error.code === "port-taken")) throw error;
    throw new MediaError(`${error.message}; --rtmp and --http take other ports`, { code: error.code });
  }
}

/** The configuration that flags, environment and file ask for. Throws ConfigError. */
export function serveConfig(args: Arguments, env: Io["env"]): Config {
  const text = (name: string) => args.flags.get(name);
  const file = configFile(args, env);
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

/** The file to read, if any: named, or the standard one if it is there. */
function configFile(args: Arguments, env: Io["env"]): string | undefined {
  const named = args.flags.get("config") ?? env.SLUICE_CONFIG;
  if (typeof named === "string") return named;
  return existsSync(STANDARD_CONFIG_FILE) ? STANDARD_CONFIG_FILE : undefined;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    if (signal.aborted) done();
    else signal.addEventListener("abort", () => done(), { once: true });
  });
}
