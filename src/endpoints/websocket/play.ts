import type { Socket } from "node:net";
import { describeError, MediaError } from "../../base/media-error.ts";
import type { Stream } from "../../hub/stream.ts";
import type { RequestHead } from "../../protocols/http/request-head.ts";
import { CLOSE_NORMAL, closeCodeOf, isSendableCloseCode } from "../../protocols/websocket/close-code.ts";
import { WebSocketFrameParser } from "../../protocols/websocket/frame-parser.ts";
import { writeCloseFrame, writeFrame } from "../../protocols/websocket/frame-writer.ts";
import { OPCODE_PONG } from "../../protocols/websocket/opcode.ts";
import type { EndpointContext } from "../context.ts";
import { refuse } from "../http/answers.ts";
import type { LiveRoute } from "../http/live-route.ts";
import { peerAddress } from "../tcp/peer-address.ts";
import { closeSignal, endSocket, gatherWrites } from "../tcp/socket-sink.ts";
import { acceptWebSocket } from "./accept.ts";
import { WebSocketSink } from "./web-socket-sink.ts";

/** A viewer has nothing to say: longer messages than this are refused. */
const MAX_VIEWER_MESSAGE_BYTES = 4096;

/** Plays a stream as binary WebSocket messages. An unknown stream is refused before the upgrade, with the HTTP status. */
export async function playWebSocket(
  context: EndpointContext,
  route: LiveRoute,
  head: RequestHead,
  socket: Socket,
  early: Uint8Array,
): Promise<void> {
  const { app, name, query, live } = route;
  const request = { app, name, query, protocol: live.protocol.websocket, remoteAddress: peerAddress(socket) };
  let stream: Stream;
  try {
    stream = await context.hub.find(request, () => closeSignal(socket));
  } catch (error) {
    if (!(error instanceof MediaError))
      context.logger.error({ stream: `${app}/${name}`, reason: describeError(error) }, "play failed");
    refuse(socket, error);
    return;
  }
  if (socket.destroyed || !acceptWebSocket(head, socket)) return;
  if (!context.noDelay) gatherWrites(socket);
  attach(stream, route, socket, early);
}

function attach(stream: Stream, route: LiveRoute, socket: Socket, early: Uint8Array): void {
  const cursor = stream.view({
    format: route.format,
    sink: new WebSocketSink(socket),
    protocol: route.live.protocol.websocket,
    from: route.skipGop ? "next-gop" : "newest-gop",
  });
  const parser = new WebSocketFrameParser(viewerHandler(socket), {
    role: "server",
    binary: "stream",
    maxMessageBytes: MAX_VIEWER_MESSAGE_BYTES,
  });
  const read = (bytes: Uint8Array): void => {
    try {
      parser.push(bytes);
    } catch (error) {
      endSocket(socket, writeCloseFrame(closeCodeOf(error), describeError(error)));
    }
  };
  socket.on("close", () => cursor.end("peer left"));
  socket.on("data", read);
  if (early.length > 0) read(early);
  socket.resume();
}

/** Answers control frames and ignores what a viewer says. */
function viewerHandler(socket: Socket): ConstructorParameters<typeof WebSocketFrameParser>[0] {
  return {
    binary() {},
    text() {},
    ping: (payload) => socket.writable && socket.write(writeFrame(OPCODE_PONG, payload)),
    pong() {},
    close: (code) => endSocket(socket, writeCloseFrame(isSendableCloseCode(code) ? code : CLOSE_NORMAL, "")),
  };
}
