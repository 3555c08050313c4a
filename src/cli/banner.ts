import type { Config } from "../app/config.ts";
import type { Server } from "../app/server.ts";
import { VERSION } from "../app/version.ts";

const RTMP_STANDARD_PORT = 1935;
/** Addresses of listeners that this machine reaches as `localhost`. */
const LOCAL_HOSTS = ["::", "0.0.0.0", "::1", "127.0.0.1", "localhost"];

/** What to open and what to type. `configFile` is the one that was read. */
export function banner(server: Pick<Server, "ports" | "workers">, config: Config, configFile?: string): string {
  const host = LOCAL_HOSTS.includes(config.host) ? "localhost" : config.host.includes(":") ? `[${config.host}]` : config.host;
  const [rtmpPort] = server.ports.rtmp;
  const [httpPort] = server.ports.http;
  const rtmp = rtmpPort === undefined ? undefined : `rtmp://${host}${rtmpPort === RTMP_STANDARD_PORT ? "" : `:${rtmpPort}`}`;
  const http = httpPort === undefined ? undefined : `http://${host}:${httpPort}`;
  return [
    `Sluice ${VERSION} is running: ${[...listeners(server), count(server.workers, "media worker")].join(", ")}.`,
    ...(configFile === undefined ? [] : [`Configuration: ${configFile}`]),
    ...(http === undefined ? [] : ["", row("Home", `${http}/`)]),
    ...(http === undefined || !config.demo ? [] : [row("Demo", `${http}/index.html?stream=live/demo`)]),
    ...section("To publish live/mystream:", publishRows(rtmp, http)),
    ...section("To play it:", playRows(rtmp, http, config)),
    "",
    "Ctrl-C ends it.",
  ].join("\n");
}

function listeners({ ports }: Pick<Server, "ports">): string[] {
  return Object.entries(ports)
    .filter(([, numbers]) => numbers.length > 0)
    .map(([kind, numbers]) => `${kind.toUpperCase()} on ${numbers.join(" and ")}`);
}

function publishRows(rtmp: string | undefined, http: string | undefined): string[] {
  const ffmpeg = "ffmpeg -re -i video.mp4 -c copy -f flv";
  return [
    ...(rtmp === undefined ? [] : [row("OBS", `Settings → Stream → Custom: Server ${rtmp}/live, Stream Key mystream`)]),
    ...(rtmp === undefined ? [] : [row("RTMP", `${ffmpeg} ${rtmp}/live/mystream`)]),
    ...(http === undefined ? [] : [row("HTTP", `${ffmpeg} ${http}/live/mystream`)]),
    ...(http === undefined ? [] : [row("browser", `${http}/push.html?stream=live/mystream`)]),
  ];
}

function playRows(rtmp: string | undefined, http: string | undefined, config: Config): string[] {
  if (http === undefined) return rtmp === undefined ? [] : [row("RTMP", `ffplay ${rtmp}/live/mystream`)];
  return [
    row("browser", `${http}/index.html?stream=live/mystream`),
    row("ffplay", `ffplay ${http}/live/mystream.flv`),
    ...(config.hls.enabled ? [row("HLS", `${http}/hls/live/mystream/index.m3u8`)] : []),
  ];
}

const row = (name: string, text: string): string => `  ${name.padEnd(9)} ${text}`;

const section = (title: string, rows: readonly string[]): string[] => (rows.length === 0 ? [] : ["", title, ...rows]);

const count = (number: number, what: string): string => `${number} ${what}${number === 1 ? "" : "s"}`;
