import { createWebSocketStream } from "ws";
import { PeerClosed } from "../../base/media-error.ts";
import { ConnectionError, lostError } from "./client-error.ts";
import { readFlvTags } from "./flv-tags.ts";
import type { StreamUrl } from "./stream-url.ts";
import { IDLE_TIMEOUT_MS, type SourceOptions, type TagSource } from "./tag-source.ts";
import { closeError, openWebSocket } from "./web-socket.ts";

/** Plays WS-FLV. How the bytes are cut into messages means nothing. */
export async function* playWsFlv(url: StreamUrl, options: SourceOptions): TagSource {
  const { idleTimeoutMs = IDLE_TIMEOUT_MS } = options;
  const socket = await openWebSocket(url, options);
  let end: Error | undefined;
  socket.once("close", (code, reason) => {
    end ??= closeError(url, code, reason);
  });
  const stop = (reason: Error) => {
    end ??= reason;
    socket.terminate();
  };
  const timer = setTimeout(() => stop(new ConnectionError(`${url.shown}: nothing came for ${idleTimeoutMs} ms`)), idleTimeoutMs);
  socket.on("message", () => timer.refresh());
  try {
    yield* readFlvTags(createWebSocketStream(socket, { readableObjectMode: false }));
  } catch (error) {
    throw end ?? lostError(url.shown, error);
  } finally {
    clearTimeout(timer);
    socket.terminate();
  }
  if (end !== undefined && !(end instanceof PeerClosed)) throw end;
}
