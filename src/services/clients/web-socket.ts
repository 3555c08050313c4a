import type { IncomingMessage } from "node:http";
import { WebSocket } from "ws";
import { type MediaError, PeerClosed } from "../../base/media-error.ts";
import { CLOSE_GOING_AWAY, CLOSE_NORMAL, CLOSE_POLICY } from "../../protocols/websocket/close-code.ts";
import { ConnectionError, connectError, lostError, RefusedError, statusError } from "./client-error.ts";
import { readReason } from "./http-answer.ts";
import type { StreamUrl } from "./stream-url.ts";
import { CONNECT_TIMEOUT_MS, type ConnectOptions } from "./tag-publisher.ts";

/** The largest frame of the hub and what comes with it; a viewer of ours gets several frames in one message. */
const MAX_MESSAGE_BYTES = 64 * 1024 * 1024;

/** What is reported when no close frame came. */
const ABNORMAL_CLOSURE = 1006;

/** Opens a WebSocket, paused so that nothing is lost before somebody listens. Rejects with a MediaError that holds the server's reason. */
export async function openWebSocket(url: StreamUrl, options: ConnectOptions): Promise<WebSocket> {
  const { signal, connectTimeoutMs = CONNECT_TIMEOUT_MS } = options;
  const socket = new WebSocket(url.href, {
    perMessageDeflate: false,
    maxPayload: MAX_MESSAGE_BYTES,
    handshakeTimeout: connectTimeoutMs,
  });
  const stop = () => socket.terminate();
  signal.addEventListener("abort", stop, { once: true });
  socket.once("close", () => signal.removeEventListener("abort", stop));
  if (signal.aborted) stop();
  await new Promise<void>((resolve, reject) => {
    socket.once("open", () => {
      socket.pause();
      resolve();
    });
    socket.on("error", (error) => reject(connectError(url.shown, error)));
    socket.once("unexpected-response", async (_request: unknown, answer: IncomingMessage) => {
      reject(statusError(url.shown, answer.statusCode ?? 0, await readReason(answer)));
      socket.terminate();
    });
  });
  return socket;
}

/** What a close frame of the server means. RFC 6455 §7.4. */
export function closeError(url: StreamUrl, code: number, reason: Uint8Array): MediaError {
  if (code === ABNORMAL_CLOSURE) return lostError(url.shown, undefined);
  const said = new TextDecoder().decode(reason);
  if (code === CLOSE_NORMAL || code === CLOSE_GOING_AWAY) return new PeerClosed(`${url.shown}: ${said || "the server ended it"}`);
  const message = `${url.shown}: ${said || "closed by the server"} (${code})`;
  return code === CLOSE_POLICY ? new RefusedError(message) : new ConnectionError(message);
}
