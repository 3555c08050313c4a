import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { describeError, MediaError, ProtocolError } from "../../base/media-error.ts";
import { type RequestHead, statusOfHeadError } from "../../protocols/http/request-head.ts";
import { RequestHeadBuffer } from "../../protocols/http/request-head-buffer.ts";
import { parseRequestTarget } from "../../protocols/http/request-target.ts";
import { wantsWebSocket } from "../../protocols/websocket/handshake.ts";
import type { EndpointContext } from "../context.ts";
import { ignoreErrors } from "../tcp/socket-sink.ts";
import { playWebSocket } from "../websocket/play.ts";
import { publishWebSocket } from "../websocket/publish.ts";
import { answerAndClose, CORS_HEADERS, errorBody } from "./answers.ts";
import { isStreamPath, matchLive, matchPublish } from "./live-route.ts";
import { playHttp } from "./play.ts";
import { publishHttp } from "./publish.ts";

/** Answers what is no live stream: HLS, the API, pages. True when it took the request. */
export type HttpHandler = (
  path: string,
  query: string,
  request: IncomingMessage,
  response: ServerResponse,
) => Promise<boolean> | boolean;

const NOTHING = new Uint8Array(0);

/**
 * The HTTP port. Each connection's first request head is read by our own parser: live viewers and WebSockets stay on the bare socket,
 * because the objects of `http.Server` would stay with each of them; everything else goes to `node:http`, head included.
 */
export class HttpEndpoint {
  readonly #context: EndpointContext;
  readonly #handlers: readonly HttpHandler[];
  readonly #server: Server;

  /** `handlers` are asked in order for what is neither a live stream nor a publish. */
  constructor(context: EndpointContext, handlers: readonly HttpHandler[]) {
    this.#context = context;
    this.#handlers = handlers;
    // Publishers send one request for hours: the limits on requests are our own, per request.
    this.#server = createServer({
      requestTimeout: 0,
      headersTimeout: context.handshakeTimeoutMs,
      connectionsCheckingInterval: 5_000,
    });
    this.#server.on("request", (request, response) => void this.#handle(request, response));
    this.#server.on("upgrade", (request, socket, early) => this.#upgradeLater(request, socket as Socket, early));
    this.#server.on("clientError", (_, socket) => socket.destroy());
  }

  /** Takes over an accepted connection. */
  accept(socket: Socket): void {
    ignoreErrors(socket);
    socket.setNoDelay(true);
    const buffer = new RequestHeadBuffer();
    const deadline = setTimeout(() => socket.destroy(), this.#context.handshakeTimeoutMs);
    const read = (bytes: Buffer): void => {
      let head: RequestHead | undefined;
      try {
        head = buffer.push(bytes);
      } catch (error) {
        done();
        answerAndClose(socket, statusOfHeadError(error), errorBody(error));
        return;
      }
      if (!head) return;
      done();
      this.#route(socket, head, buffer.received);
    };
    const done = (): void => {
      clearTimeout(deadline);
      socket.off("data", read);
      socket.off("close", done);
      socket.pause();
    };
    socket.on("data", read);
    socket.on("close", done);
  }

  close(): void {
    this.#server.close();
    this.#server.closeIdleConnections();
  }

  #route(socket: Socket, head: RequestHead, received: Uint8Array): void {
    const live = matchLive(head.path, head.query);
    const isGet = head.method === "GET" || head.method === "HEAD";
    if (wantsWebSocket(head)) {
      this.#upgrade(head, socket, received.slice(head.headLength));
    } else if (live && isGet) {
      void playHttp(this.#context, live, socket, head.method === "HEAD");
    } else {
      socket.unshift(received);
      this.#server.emit("connection", socket);
      socket.resume();
    }
  }

  #upgrade(head: RequestHead, socket: Socket, early: Uint8Array): void {
    const live = matchLive(head.path, head.query);
    if (live) {
      void playWebSocket(this.#context, live, head, socket, early);
      return;
    }
    const publish = matchPublish(head.path, head.query);
    if (publish) void publishWebSocket(this.#context, publish, head, socket, early);
    else answerAndClose(socket, 404, errorBody(new ProtocolError("there is no WebSocket here", { code: "not-found" })));
  }

  /** An upgrade on a connection that `node:http` has already. */
  #upgradeLater(request: IncomingMessage, socket: Socket, early: Uint8Array): void {
    try {
      this.#upgrade(headOf(request), socket, early);
    } catch (error) {
      answerAndClose(socket, 400, errorBody(error));
    }
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    for (const [name, value] of CORS_HEADERS) response.setHeader(name, value);
    try {
      const { path, query } = parseRequestTarget(request.url ?? "/", request.method ?? "GET");
      await this.#dispatch(path, query, request, response);
    } catch (error) {
      if (!(error instanceof MediaError))
        this.#context.logger.error({ url: request.url, reason: describeError(error) }, "request failed");
      if (response.headersSent) response.destroy();
      else answer(response, error instanceof MediaError ? 400 : 500, errorBody(error));
    }
  }

  async #dispatch(path: string, query: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const method = request.method ?? "GET";
    if (method === "OPTIONS") {
      answerPreflight(response);
      return;
    }
    const publish = method === "POST" || method === "PUT" ? matchPublish(path, query) : undefined;
    if (publish) {
      await publishHttp(this.#context, publish, request, response);
      return;
    }
    this.#limitBody(request);
    const live = method === "GET" || method === "HEAD" ? matchLive(path, query) : undefined;
    if (live) {
      await playHttp(this.#context, live, request.socket, method === "HEAD"); // a second request of a kept connection
      return;
    }
    for (const handler of this.#handlers) if (await handler(path, query, request, response)) return;
    if (isStreamPath(path) && method !== "GET" && method !== "HEAD") {
      response.setHeader("Allow", "GET, HEAD, OPTIONS, POST, PUT");
      answer(response, 405, errorBody(new ProtocolError(`${method} means nothing for a stream`, { code: "method" })));
      return;
    }
    answer(response, 404, errorBody(new ProtocolError(`there is nothing at ${path}`, { code: "not-found" })));
  }

  /** A request that is no publish ends in time, and its body is not wanted. */
  #limitBody(request: IncomingMessage): void {
    if (request.complete || request.method === "GET" || request.method === "HEAD") return;
    const timer = setTimeout(() => request.socket.destroy(), this.#context.requestTimeoutMs);
    request.once("close", () => clearTimeout(timer));
    request.resume();
  }
}

function answer(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { "Content-Type": "application/json", "Cache-Control": "no-store" });
  response.end(body);
}

function answerPreflight(response: ServerResponse): void {
  response.writeHead(204, {
    "Access-Control-Allow-Methods": "GET, HEAD, OPTIONS, POST, PUT",
    "Access-Control-Allow-Headers": "*",
    "Access-Control-Max-Age": "86400",
  });
  response.end();
}

/** The head of a request that `node:http` has parsed, in our own form. */
function headOf(request: IncomingMessage): RequestHead {
  const method = request.method ?? "GET";
  const { path, query } = parseRequestTarget(request.url ?? "/", method);
  const headers = new Map<string, string>();
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(", ") : value);
  }
  const version = request.httpVersion === "1.0" ? "1.0" : "1.1";
  const authority = request.headers.host ?? "";
  return { method, target: request.url ?? "/", path, query, authority, version, headers, headLength: NOTHING.length };
}
