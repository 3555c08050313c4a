import { MediaError } from "../../base/media-error.ts";
import { nearestName } from "../../base/nearest-name.ts";

/** A URL that cannot be used; one line that says why. */
export class UrlError extends MediaError {
  constructor(message: string) {
    super(message, { code: "bad-url" });
  }
}

export type StreamProtocol = "rtmp" | "http" | "ws";

/** Where a live stream is published to or played from. */
export interface StreamUrl {
  readonly protocol: StreamProtocol;
  readonly isTls: boolean;
  /** A name or an address, IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
  /** The whole URL, as a client of HTTP or WebSocket takes it. */
  readonly href: string;
  /** For people: without user, password and query, which may hold keys. */
  readonly shown: string;
  /** RTMP: all of the path but its last part, and that with the query. Empty for the others. */
  readonly app: string;
  readonly name: string;
}

const SCHEMES: Readonly<Record<string, { protocol: StreamProtocol; isTls: boolean; port: number }>> = {
  rtmp: { protocol: "rtmp", isTls: false, port: 1935 },
  rtmps: { protocol: "rtmp", isTls: true, port: 443 },
  http: { protocol: "http", isTls: false, port: 80 },
  https: { protocol: "http", isTls: true, port: 443 },
  ws: { protocol: "ws", isTls: false, port: 80 },
  wss: { protocol: "ws", isTls: true, port: 443 },
};

/** Reads `rtmp(s)://host[:port]/app/name[?query]` and `http(s)://…`, `ws(s)://…`. Throws UrlError. */
export function parseStreamUrl(text: string): StreamUrl {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase();
  const known = Object.keys(SCHEMES).map((name) => `${name}://`);
  if (scheme === undefined) throw new UrlError(`"${text}" is no URL: it should begin with ${known.join(", ")}`);
  const kind = SCHEMES[scheme];
  if (!kind) {
    const near = nearestName(scheme, Object.keys(SCHEMES));
    throw new UrlError(`${scheme}:// is not supported${near ? ` (did you mean ${near}://?)` : ""}; use ${known.join(", ")}`);
  }
  const url = URL.parse(text);
  if (!url || url.hostname === "") throw new UrlError(`"${text}" is no URL with a host`);
  const port = url.port === "" ? kind.port : Number(url.port);
  const shown = `${scheme}://${url.host}${url.pathname}`;
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  return {
    protocol: kind.protocol,
    isTls: kind.isTls,
    host,
    port,
    href: url.href,
    shown,
    ...rtmpPath(kind.protocol, url, shown),
  };
}

function rtmpPath(protocol: StreamProtocol, url: URL, shown: string): { app: string; name: string } {
  if (protocol !== "rtmp") return { app: "", name: "" };
  const parts = url.pathname.split("/").filter((part) => part !== "");
  const name = parts.pop() ?? "";
  if (parts.length === 0) throw new UrlError(`${shown} needs an application and a stream name: rtmp://host/app/name`);
  return { app: parts.join("/"), name: name + url.search };
}
