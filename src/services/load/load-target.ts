import { MediaError } from "../../base/media-error.ts";

type LoadProtocol = "flv" | "ws-flv" | "ts" | "ws-ts" | "rtmp";

/** Where viewers go, read from a URL. */
export interface LoadTarget {
  readonly url: string;
  readonly protocol: LoadProtocol;
  /** Without brackets when it is IPv6. */
  readonly host: string;
  readonly port: number;
  /** Path and query as requested. */
  readonly path: string;
}

const DEFAULT_PORTS: Readonly<Record<string, number>> = { "http:": 80, "ws:": 80, "rtmp:": 1935 };

/** Reads a play URL: the scheme says how, the extension says what. Throws MediaError for what cannot be loaded. */
export function parseLoadTarget(url: string): LoadTarget {
  const parsed = URL.parse(url);
  const defaultPort = DEFAULT_PORTS[parsed?.protocol ?? ""];
  if (!parsed || defaultPort === undefined) throw unusable(url, "an http:, ws: or rtmp: URL is needed");
  return {
    url,
    protocol: protocolOf(parsed),
    host: parsed.hostname.replace(/^\[|\]$/g, ""),
    port: parsed.port === "" ? defaultPort : Number(parsed.port),
    path: parsed.pathname + parsed.search,
  };
}

/** Application and stream name of an RTMP target, each with the query if the URL put one there. */
export function rtmpNames(target: LoadTarget): { app: string; name: string; tcUrl: string } {
  const [, app, name] = /^\/([^/?]+)\/(.+)$/.exec(target.path) ?? [];
  if (app === undefined || name === undefined) throw unusable(target.url, "the path must be /app/name");
  const host = target.host.includes(":") ? `[${target.host}]` : target.host;
  return { app, name, tcUrl: `rtmp://${host}:${target.port}/${app}` };
}

function protocolOf(url: URL): LoadProtocol {
  if (url.protocol === "rtmp:") return "rtmp";
  const format = /\.(flv|ts)$/.exec(url.pathname)?.[1];
  if (format === undefined) throw unusable(url.href, "the path must end in .flv or .ts");
  if (format === "flv") return url.protocol === "ws:" ? "ws-flv" : "flv";
  return url.protocol === "ws:" ? "ws-ts" : "ts";
}

function unusable(url: string, why: string): MediaError {
  return new MediaError(`cannot load ${url}: ${why}`, { code: "bad-url" });
}
