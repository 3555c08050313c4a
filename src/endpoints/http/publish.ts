import type { IncomingMessage, ServerResponse } from "node:http";
import { describeError, MediaError, PeerClosed } from "../../base/media-error.ts";
import type { Publication } from "../../hub/hub.ts";
import type { EndpointContext } from "../context.ts";
import { FlvFeed } from "../flv-feed.ts";
import { peerAddress } from "../tcp/peer-address.ts";
import { closeSignal, LINGER_MS } from "../tcp/socket-sink.ts";
import { errorBody, statusOf } from "./answers.ts";
import type { PublishRoute } from "./live-route.ts";

/** Publishes the FLV in a POST or PUT body of any length, for as long as bytes come. */
export async function publishHttp(
  context: EndpointContext,
  route: PublishRoute,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const remoteAddress = peerAddress(request.socket);
  const stream = `${route.app}/${route.name}`;
  const signal = closeSignal(request.socket);
  let publication: Publication | undefined;
  try {
    publication = await context.hub.publish({ ...route, protocol: "http-flv", remoteAddress }, signal);
    const bytes = await feed(context, publication, request);
    publication.end("publisher finished");
    response.writeHead(200, { "Content-Type": "application/json" });
    response.end(`${JSON.stringify({ published: stream, bytes })}\n`);
  } catch (error) {
    const reason = describeError(error);
    publication?.end(reason);
    const isExpected = error instanceof MediaError;
    context.logger[isExpected ? "warn" : "error"]({ stream, from: remoteAddress, protocol: "http-flv", reason }, "publish ended");
    if (error instanceof PeerClosed || response.headersSent || request.socket.destroyed) return;
    await refusePublish(request, response, error);
  }
}

/** Answers with the reason and lets the publisher finish its body, for a while: see `endSocket`. */
async function refusePublish(request: IncomingMessage, response: ServerResponse, error: unknown): Promise<void> {
  const body = errorBody(error);
  response.shouldKeepAlive = false;
  response.writeHead(statusOf(error), { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(body) });
  response.write(body);
  const { promise: finished, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, LINGER_MS);
  if (request.complete || request.destroyed) resolve();
  request.once("end", resolve);
  request.once("close", resolve);
  request.resume();
  await finished;
  clearTimeout(timer);
  response.end(); // node:http closes the connection with it
}

/** Resolves with the number of bytes when the body ends. */
function feed(context: EndpointContext, publication: Publication, request: IncomingMessage): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const flv = new FlvFeed(publication.sink, context.maxFrameBytes);
  let bytes = 0;
  request.socket.setTimeout(context.publishIdleTimeoutMs, () =>
    reject(new PeerClosed(`no bytes for ${context.publishIdleTimeoutMs} ms`)),
  );
  const revoke = () => reject(publication.revoked.reason);
  publication.revoked.addEventListener("abort", revoke, { once: true });
  request.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    try {
      flv.push(chunk);
    } catch (error) {
      reject(error);
    }
  });
  request.on("end", () => resolve(bytes));
  request.on("close", () => reject(new PeerClosed("the publisher's connection broke")));
  return promise.finally(() => {
    publication.revoked.removeEventListener("abort", revoke);
    request.removeAllListeners("data");
    request.socket.setTimeout(0);
    request.resume();
  });
}
