import { PeerClosed } from "../../base/media-error.ts";
import { encodeAmf0 } from "../../containers/amf/amf0.ts";
import { FLV_SCRIPT, type FlvTag } from "../../containers/flv/flv-tag.ts";
import type { RtmpMedia } from "../../protocols/rtmp/connection.ts";
import { ConnectionError, lostError } from "./client-error.ts";
import { RtmpLink } from "./rtmp-link.ts";
import type { StreamUrl } from "./stream-url.ts";
import { IDLE_TIMEOUT_MS, type SourceOptions, type TagSource } from "./tag-source.ts";

/** Plays RTMP: its audio, video and data messages as tags. */
export async function* playRtmp(url: StreamUrl, options: SourceOptions): TagSource {
  let tags: FlvTag[] = [];
  const keep = ({ type, timestamp, payload }: RtmpMedia) => {
    if (type !== FLV_SCRIPT || !isSampleAccess(payload)) tags.push({ type, timestamp, data: payload.slice() });
  };
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

const SAMPLE_ACCESS = encodeAmf0("|RtmpSampleAccess");

/** Says that the player may look at the samples: between server and player alone, no part of the stream. */
function isSampleAccess(data: Uint8Array): boolean {
  return SAMPLE_ACCESS.every((byte, i) => data[i] === byte);
}
