import type { Socket } from "node:net";
import { describeError, MediaError } from "../../base/media-error.ts";
import type { Stream } from "../../hub/stream.ts";
import { writeResponseHead } from "../../protocols/http/response-head.ts";
import type { EndpointContext } from "../context.ts";
import { peerAddress } from "../tcp/peer-address.ts";
import { closeSignal, endSocket, gatherWrites, SocketSink } from "../tcp/socket-sink.ts";
import { CORS_HEADERS, refuse } from "./answers.ts";
import type { LiveRoute } from "./live-route.ts";

/**
 * Plays a stream as one endless response on a raw socket: no length, no chunks, ended by closing (RFC 9112 §6.3, item 8),
 * so that all viewers of a format get the same bytes.
 */
export async function playHttp(context: EndpointContext, route: LiveRoute, socket: Socket, isHead: boolean): Promise<void> {
  const { app, name, query, live } = route;
  const request = { app, name, query, protocol: live.protocol.http, remoteAddress: peerAddress(socket) };
  let stream: Stream;
  try {
    stream = await context.hub.find(request, () => closeSignal(socket));
  } catch (error) {
    if (!(error instanceof MediaError))
      context.logger.error({ stream: `${app}/${name}`, reason: describeError(error) }, "play failed");
    refuse(socket, error, isHead);
    return;
  }
  if (socket.destroyed) return;
  socket.write(responseHead(live.contentType));
  if (isHead) endSocket(socket);
  else {
    if (!context.noDelay) gatherWrites(socket);
    attach(stream, route, socket);
  }
}

function attach(stream: Stream, route: LiveRoute, socket: Socket): void {
  const cursor = stream.view({
    format: route.format,
    sink: new SocketSink(socket),
    protocol: route.live.protocol.http,
    from: route.skipGop ? "next-gop" : "newest-gop",
  });
  socket.on("close", () => cursor.end("peer left"));
  socket.resume(); // what a viewer sends is not read, but its end must be seen
}

const heads = new Map<string, Uint8Array>();

function responseHead(contentType: string): Uint8Array {
  const known = heads.get(contentType);
  if (known) return known;
  const head = writeResponseHead(200, [
    ...CORS_HEADERS,
    ["Content-Type", contentType],
    ["Cache-Control", "no-store"],
    ["Connection", "close"],
    ["X-Accel-Buffering", "no"], // a proxy in front must not gather a live stream
  ]);
  heads.set(contentType, head);
  return head;
}
