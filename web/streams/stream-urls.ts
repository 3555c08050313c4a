import type { StreamName } from "./stream-name.ts";

/** What every RTMP client takes when a URL names none. */
export const DEFAULT_RTMP_PORT = 1935;

/** Where the page came from: what `location` knows. */
export interface Origin {
  readonly protocol: string;
  /** With the port, when it is not the protocol's own. */
  readonly host: string;
  readonly hostname: string;
}

/** All addresses of one stream, on the host that served this page. */
export interface StreamUrls {
  readonly rtmp: string;
  /** What OBS wants in its two fields. */
  readonly obsServer: string;
  readonly obsKey: string;
  readonly flv: string;
  readonly wsFlv: string;
  readonly ts: string;
  readonly wsTs: string;
  readonly hls: string;
  /** WS-FLV publish. */
  readonly wsPublish: string;
  readonly flvPage: string;
  readonly hlsPage: string;
}

/** RTMP's default port is left out of URLs: every client knows it. */
export function streamUrls(stream: StreamName, origin: Origin, rtmpPort = DEFAULT_RTMP_PORT): StreamUrls {
  const path = `/${stream.app}/${stream.name}`;
  const http = `${origin.protocol}//${origin.host}`;
  const ws = `${origin.protocol === "https:" ? "wss:" : "ws:"}//${origin.host}`;
  const obsServer = `rtmp://${origin.hostname}${rtmpPort === DEFAULT_RTMP_PORT ? "" : `:${rtmpPort}`}/${stream.app}`;
  return {
    rtmp: `${obsServer}/${stream.name}`,
    obsServer,
    obsKey: stream.name,
    flv: `${http}${path}.flv`,
    wsFlv: `${ws}${path}.flv`,
    ts: `${http}${path}.ts`,
    wsTs: `${ws}${path}.ts`,
    hls: `${http}/hls${path}/index.m3u8`,
    wsPublish: `${ws}${path}`,
    flvPage: `/index.html?stream=${stream.app}/${stream.name}`,
    hlsPage: `/play.html?stream=${stream.app}/${stream.name}`,
  };
}

/** A line for a shell that publishes a file as a live stream. */
export function ffmpegLine(rtmpUrl: string): string {
  return `ffmpeg -re -i input.mp4 -c copy -f flv ${rtmpUrl}`;
}
