import { playHttpFlv } from "./http-flv-source.ts";
import { playRtmp } from "./rtmp-source.ts";
import type { StreamProtocol, StreamUrl } from "./stream-url.ts";
import type { SourceOptions, TagSource } from "./tag-source.ts";
import { playWsFlv } from "./ws-flv-source.ts";

const PLAYERS: Readonly<Record<StreamProtocol, (url: StreamUrl, options: SourceOptions) => TagSource>> = {
  rtmp: playRtmp,
  http: playHttpFlv,
  ws: playWsFlv,
};

/** Plays a live stream: see TagSource. */
export async function* openSource(url: StreamUrl, options: SourceOptions): TagSource {
  try {
    yield* PLAYERS[url.protocol](url, options);
  } catch (error) {
    if (!options.signal.aborted) throw error;
  }
}
