import type { Socket } from "node:net";
import { describeError, MediaError, PeerClosed } from "../../base/media-error.ts";
import type { Publication } from "../../hub/hub.ts";
import type { RequestHead } from "../../protocols/http/request-head.ts";
import { CLOSE_GOING_AWAY, CLOSE_NORMAL, CLOSE_POLICY, closeCodeOf } from "../../protocols/websocket/close-code.ts";
import { WebSocketFrameParser, type WebSocketHandler } from "../../protocols/websocket/frame-parser.ts";
import { writeCloseFrame, writeFrame } from "../../protocols/websocket/frame-writer.ts";
import { OPCODE_PONG } from "../../protocols/websocket/opcode.ts";
import type { EndpointContext } from "../context.ts";
import { FlvFeed } from "../flv-feed.ts";
import type { PublishRoute } from "../http/live-route.ts";
import { peerAddress } from "../tcp/peer-address.ts";
import { closeSignal, endSocket } from "../tcp/socket-sink.ts";
import { acceptWebSocket } from "./accept.ts";

const MAX_TEXT_BYTES = 4096;

/**
 * Publishes the FLV that comes in binary WebSocket messages; where messages end does not matter. The upgrade is accepted first,
 * because a browser shows the reason of a refusal only in a close frame.
 */
export async function publishWebSocket(
  context: EndpointContext,
  route: PublishRoute,
  head: RequestHead,
  socket: Socket,
  early: Uint8Array,
): Promise<void> {
  if (!acceptWebSocket(head, socket)) return;
  const remoteAddress = peerAddress(socket);
  const stream = `${route.app}/${route.name}`;
  let publication: Publication | undefined;
  try {
    socket.pause();
    publication = await context.hub.publish({ ...route, protocol: "ws-flv", remoteAddress }, closeSignal(socket));
    await feed(context, publication, socket, early);
    publication.end("publisher finished");
    endSocket(socket, writeCloseFrame(CLOSE_NORMAL, ""));
  } catch (error) {
    const reason = describeError(error);
    publication?.end(reason);
    const isExpected = error instanceof MediaError;
    context.logger[isExpected ? "warn" : "error"]({ stream, from: remoteAddress, protocol: "ws-flv", reason }, "publish ended");
    endSocket(socket, writeCloseFrame(closeCode(error), reason));
  }
}

function closeCode(error: unknown): number {
  const code = error instanceof MediaError ? error.code : "";
  if (code === "stopping") return CLOSE_GOING_AWAY;
  return ["stream-busy", "refused", "bad-name", "revoked", "overloaded"].includes(code) ? CLOSE_POLICY : closeCodeOf(error);
}

/** Resolves when the publisher closes in order. */
function feed(context: EndpointContext, publication: Publication, socket: Socket, early: Uint8Array): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const flv = new FlvFeed(publication.sink, context.maxFrameBytes);
  const handler: WebSocketHandler = {
    binary: (bytes) => flv.push(bytes.slice()),
    text() {},
    ping: (payload) => socket.write(writeFrame(OPCODE_PONG, payload)),
    pong() {},
    close: () => resolve(),
  };
  const parser = new WebSocketFrameParser(handler, { role: "server", binary: "stream", maxMessageBytes: MAX_TEXT_BYTES });
  const read = (bytes: Uint8Array): void => {
    try {
      parser.push(bytes);
    } catch (error) {
      reject(error);
    }
  };
  const revoke = () => reject(publication.revoked.reason);
  publication.revoked.addEventListener("abort", revoke, { once: true });
  socket.setTimeout(context.publishIdleTimeoutMs, () =>
    reject(new PeerClosed(`no bytes for ${context.publishIdleTimeoutMs} ms`)),
  );
  socket.on("data", read);
  socket.once("close", () => reject(new PeerClosed("the publisher's connection broke")));
  if (early.length > 0) read(early);
  socket.resume();
  return promise.finally(() => {
    publication.revoked.removeEventListener("abort", revoke);
    socket.off("data", read);
    socket.setTimeout(0);
  });
}
