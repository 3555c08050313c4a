import { LiveSession } from "../player/live-session.ts";
import type { StreamName } from "../streams/stream-name.ts";
import { streamUrls } from "../streams/stream-urls.ts";
import { FlvEngine } from "./flv-engine.ts";

export type FlvTransport = "ws" | "http";

/** A session over HTTP-FLV or WS-FLV; `transport` is asked at each connection. */
export function createFlvSession(
  stream: StreamName,
  video: HTMLVideoElement,
  transport: () => FlvTransport,
  onDisconnect: () => void = () => {},
): LiveSession {
  const urls = streamUrls(stream, location);
  const createEngine = () => new FlvEngine(transport() === "ws" ? urls.wsFlv : urls.flv);
  return new LiveSession({ stream, kind: "flv", video, createEngine, onDisconnect });
}
