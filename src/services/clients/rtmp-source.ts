import { PeerClosed } from "../../base/media-error.ts";
import type { FlvTag } from "../../containers/flv/flv-tag.ts";
import { ConnectionError, lostError } from "./client-error.ts";
import { RtmpLink } from "./rtmp-link.ts";
import type { StreamUrl } from "./stream-url.ts";
import { IDLE_TIMEOUT_MS, type SourceOptions, type TagSource } from "./tag-source.ts";

/** Plays RTMP: its audio, video and data messages as tags. */
export async function* playRtmp(url: StreamUrl, options: SourceOptions): TagSource {
  let tags: FlvTag[] = [];
  const keep = (media: { type: FlvTag["type"]; timestamp: number; payload: Uint8Array }) =>
    tags.push({ type: media.type, timestamp: media.timestamp, data: media.payload.slice() });
  const link = new RtmpLink(url, "play", keep, options);
  const { idleTimeoutMs = IDLE_TIMEOUT_MS } = options;
  const fail = () => link.abort(new ConnectionError(`${url.shown}: nothing came for ${idleTimeoutMs} ms`));
  link.socket.setTimeout(idleTimeoutMs, fail);
  try {
    for await (const bytes of link.socket) {
      link.session.push(bytes);
      const whole = tags;
      tags = [];
      yield* whole;
    }
    link.abort(link.isReady ? new PeerClosed(`${url.shown}: the server ended it`) : lostError(url.shown, undefined));
  } catch (error) {
    link.abort(error instanceof Error ? error : new Error(String(error)));
  } finally {
    link.abort(new PeerClosed("stopped"));
  }
  const reason = await link.ended;
  if (!(reason instanceof PeerClosed)) throw reason;
}
