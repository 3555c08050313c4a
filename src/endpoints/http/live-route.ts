import { MediaError } from "../../base/media-error.ts";
import { flvFormat } from "../../containers/flv/flv-muxer.ts";
import { tsFormat } from "../../containers/mpegts/ts-muxer.ts";
import { streamKey } from "../../hub/stream-key.ts";
import type { Format } from "../../media/muxer.ts";
import { mediaPathSegments } from "../../protocols/http/request-target.ts";

type Selection = "av" | "audio" | "video";

interface LiveFormat {
  readonly contentType: string;
  /** Named in statistics, for HTTP and for WebSocket. */
  readonly protocol: { readonly http: string; readonly websocket: string };
  format(select: Selection): Format;
}

/** The live outputs that are one endless response or WebSocket, by the extension of their URL. */
const LIVE_FORMATS: Readonly<Record<string, LiveFormat>> = {
  flv: { contentType: "video/x-flv", protocol: { http: "flv", websocket: "ws-flv" }, format: memo(flvFormat) },
  ts: { contentType: "video/mp2t", protocol: { http: "ts", websocket: "ws-ts" }, format: memo(tsFormat) },
};

/** `/{app}/{name}.{extension}`, with the query's choice of tracks. */
export interface LiveRoute {
  readonly app: string;
  readonly name: string;
  readonly query: string;
  readonly live: LiveFormat;
  readonly format: Format;
  /** Start with the next GOP instead of the newest. */
  readonly skipGop: boolean;
}

/** `/{app}/{name}` or `/{app}/{name}.flv`, where FLV is published. */
export interface PublishRoute {
  readonly app: string;
  readonly name: string;
  readonly query: string;
}

/** Matches a play URL; undefined when the path has another shape. */
export function matchLive(path: string, query: string): LiveRoute | undefined {
  const parts = splitPath(path);
  const live = parts?.extension === undefined ? undefined : LIVE_FORMATS[parts.extension];
  if (!parts || !live) return undefined;
  const params = new URLSearchParams(query);
  const noAudio = isOn(params.get("disableAudio"));
  const noVideo = isOn(params.get("disableVideo"));
  const select = noAudio && !noVideo ? "video" : noVideo && !noAudio ? "audio" : "av";
  return { ...parts, query, live, format: live.format(select), skipGop: isOn(params.get("disableGop")) };
}

/** Matches a publish URL; undefined when the path has another shape. */
export function matchPublish(path: string, query: string): PublishRoute | undefined {
  const parts = splitPath(path);
  if (!parts) return undefined;
  const { app, name, extension } = parts;
  const isPlain = extension === undefined || extension === "flv";
  return { app, name: isPlain ? name : `${name}.${extension}`, query }; // a dot in a name is refused as such, with words
}

/** True when `path` can only mean a stream: two valid names. Then wrong methods are answered as such, not as a missing file. */
export function isStreamPath(path: string): boolean {
  const parts = splitPath(path);
  if (!parts) return false;
  try {
    streamKey(parts.app, parts.name);
    return parts.extension === undefined || parts.extension in LIVE_FORMATS;
  } catch (error) {
    if (error instanceof MediaError) return false;
    throw error;
  }
}

function splitPath(path: string): { app: string; name: string; extension: string | undefined } | undefined {
  let segments: string[];
  try {
    segments = mediaPathSegments(path);
  } catch (error) {
    if (error instanceof MediaError) return undefined;
    throw error;
  }
  const [app, file, ...more] = segments;
  if (app === undefined || file === undefined || more.length > 0) return undefined;
  const dot = file.lastIndexOf(".");
  if (dot < 0) return { app, name: file, extension: undefined };
  return { app, name: file.slice(0, dot), extension: file.slice(dot + 1) };
}

function isOn(value: string | null): boolean {
  return value !== null && value !== "0" && value !== "false";
}

/** Formats are keyed by name: one object each is enough. */
function memo(make: (select: Selection) => Format): (select: Selection) => Format {
  const made = new Map<Selection, Format>();
  return (select) => {
    const known = made.get(select) ?? make(select);
    made.set(select, known);
    return known;
  };
}
