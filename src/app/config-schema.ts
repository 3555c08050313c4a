import { z } from "zod";

/** Listening ports of one kind: `1935`, `[8080, 8501]`, `"8080,8501"` or `off`. 0 takes a free port. Becomes a list; empty is off. */
function ports(defaults: readonly number[]) {
  const error = 'must be a port (0 to 65535), a list of up to 16 ports, or "off"';
  return z
    .preprocess(
      toPortList,
      z.array(z.preprocess(toNumber, z.int({ error }).min(0, { error }).max(65_535, { error }))).max(16, { error }),
    )
    .default([...defaults]);
}

function toPortList(value: unknown): unknown {
  if (value === false || value === "off") return [];
  if (typeof value === "string") return value.split(",").map((port) => port.trim());
  return typeof value === "number" ? [value] : value;
}

/** Environment variables and flags are text. */
function toNumber(value: unknown): unknown {
  return typeof value === "string" && /^\d+$/.test(value) ? Number(value) : value;
}

function whole(min: number, max: number, standard: number) {
  const error = `must be a whole number from ${min} to ${max}`;
  return z.preprocess(toNumber, z.int({ error }).min(min, { error }).max(max, { error })).default(standard);
}

const TRUE_WORDS = ["true", "yes", "on", "1"];
const FALSE_WORDS = ["false", "no", "off", "0"];

function toBoolean(value: unknown): unknown {
  const word = typeof value === "string" ? value.toLowerCase() : value;
  if (typeof word !== "string") return value;
  return TRUE_WORDS.includes(word) ? true : FALSE_WORDS.includes(word) ? false : value;
}

const bool = (standard: boolean) => z.preprocess(toBoolean, z.boolean({ error: "must be true or false" })).default(standard);

function oneOf<const T extends readonly [string, ...string[]]>(words: T, standard: T[number]) {
  return z.enum(words, { error: `must be one of ${words.join(", ")}` }).default(standard as never);
}

function text(what: string, standard: string) {
  return z
    .string({ error: `must be ${what}` })
    .min(1, { error: `must be ${what}` })
    .default(standard);
}

const KiB = 1024;
const MiB = 1024 * KiB;
const GiB = 1024 * MiB;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

const limits = z.strictObject({
  gopCacheMaxMs: whole(0, MINUTE_MS, 10_000).describe(
    "A new viewer starts at the newest key frame if it is at most this old, else at the next one.",
  ),
  gopCacheMaxBytes: whole(0, GiB, 16 * MiB).describe("The same in bytes: beyond it a new viewer starts at the next key frame."),
  maxFrameBytes: whole(64 * KiB, 64 * MiB, 8 * MiB).describe("A publisher that sends a larger frame is disconnected."),
  logWindowMs: whole(2_000, 10 * MINUTE_MS, 20_000).describe("How much of every stream is kept in memory for viewers that lag."),
  publisherGraceMs: whole(0, HOUR_MS, 15_000).describe(
    "Viewers of a stream whose publisher is gone stay this long for it to return.",
  ),
  waitForPublishMs: whole(0, 5 * MINUTE_MS, 0).describe(
    "A viewer of an unknown stream waits this long for a publisher before it is told 404.",
  ),
  takeover: oneOf(["refuse", "takeover"], "refuse").describe(
    "What a second publisher of a name gets: refused, or the stream (the first is disconnected).",
  ),
  maxLagMs: whole(500, 10 * MINUTE_MS, 8_000).describe("A viewer further behind than this skips to the newest key frame."),
  slowViewerTimeoutMs: whole(1_000, HOUR_MS, 20_000).describe("A viewer that takes nothing for this long is disconnected."),
  maxFlushMs: whole(1, 5_000, 350).describe("Under load, viewers get their bytes at least this often."),
  maxWriteBytes: whole(16 * KiB, 16 * MiB, 256 * KiB).describe("One write to a viewer is at most this large."),
  maxBufferedBytes: whole(16 * MiB, 1024 * GiB, 512 * MiB).describe(
    "All buffers of the process together; beyond it new viewers are refused.",
  ),
  maxConnectionsPerIp: whole(0, 1_000_000, 256).describe(
    "Connections from one IPv4 address or IPv6 /64; loopback is exempt; 0 is no limit.",
  ),
  maxConnections: whole(0, 10_000_000, 0).describe("All connections together; 0 takes 95 % of the open-file limit."),
  handshakeTimeoutMs: whole(100, 10 * MINUTE_MS, 10_000).describe("A connection must have said what it wants within this time."),
  publishIdleTimeoutMs: whole(1_000, HOUR_MS, 30_000).describe("A publisher that sends nothing for this long is disconnected."),
  authorizeTimeoutMs: whole(100, 5 * MINUTE_MS, 5_000).describe(
    "A publish or play that nobody has decided on within this time is refused.",
  ),
  requestTimeoutMs: whole(0, 24 * HOUR_MS, 300_000).describe(
    "An ordinary HTTP request must be complete within this time; live publishing is exempt; 0 is no limit.",
  ),
});

const hls = z.strictObject({
  enabled: bool(true).describe("Serve `/hls/{app}/{name}/index.m3u8` for every stream."),
  segmentMs: whole(500, MINUTE_MS, 2_000).describe("Target duration of a segment; cut at the first key frame after it."),
  listSize: whole(2, 1_000, 6).describe("Segments in a live playlist."),
});

/** Every key of the configuration with its default and what it does; docs/configuration.md is made from it. */
export const configSchema = z.strictObject({
  rtmp: ports([1935]).describe("RTMP ports: one, a list, or `off`; 0 takes a free port."),
  http: ports([8080]).describe("HTTP ports: one, a list, or `off`; 0 takes a free port."),
  host: text("an address to listen on", "::").describe(
    "Address to listen on. `::` is IPv6 and IPv4, and IPv4 alone on hosts without IPv6.",
  ),
  workers: whole(0, 256, 0).describe("Media worker threads; 0 is one per core."),
  noDelay: bool(false).describe(
    "Send viewers each frame at once, however small the packet (TCP_NODELAY): saves up to a round trip of latency, costs up to half more CPU.",
  ),
  data: text("a folder", "./data").describe("Folder for recordings and state."),
  demo: bool(false).describe(
    "Publish a looping demo stream as `live/demo`. `sluice serve` without a configuration file turns it on.",
  ),
  logLevel: oneOf(["debug", "info", "warn", "error", "silent"], "info").describe("The least important log lines to print."),
  limits: limits.prefault({}).describe("Limits on time, memory and connections."),
  hls: hls.prefault({}).describe("HLS with MPEG-TS segments."),
});

export type Config = z.output<typeof configSchema>;
