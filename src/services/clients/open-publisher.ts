import { connectHttpFlvPublisher } from "./http-flv-publisher.ts";
import { connectRtmpPublisher } from "./rtmp-publisher.ts";
import type { StreamProtocol, StreamUrl } from "./stream-url.ts";
import type { ConnectOptions, TagPublisher } from "./tag-publisher.ts";
import { connectWsFlvPublisher } from "./ws-flv-publisher.ts";

const CONNECTORS: Readonly<Record<StreamProtocol, (url: StreamUrl, options: ConnectOptions) => Promise<TagPublisher>>> = {
  rtmp: connectRtmpPublisher,
  http: connectHttpFlvPublisher,
  ws: connectWsFlvPublisher,
};

/** Connects a publisher. Rejects with RefusedError, ConnectionError or another MediaError. */
export function openPublisher(url: StreamUrl, options: ConnectOptions): Promise<TagPublisher> {
  return CONNECTORS[url.protocol](url, options);
}
