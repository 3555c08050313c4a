import { once } from "node:events";
import { type ClientRequest, type IncomingMessage, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { PeerClosed } from "../../base/media-error.ts";
import type { FlvTag } from "../../containers/flv/flv-tag.ts";
import { ConnectionError, connectError, lostError, statusError } from "./client-error.ts";
import { flvHeaderBytes, flvTagBytes } from "./flv-bytes.ts";
import { readReason } from "./http-answer.ts";
import type { StreamUrl } from "./stream-url.ts";
import { CONNECT_TIMEOUT_MS, type ConnectOptions, END_TIMEOUT_MS, MAX_UNSENT_BYTES, type TagPublisher } from "./tag-publisher.ts";
import { within } from "./within.ts";

/**
 * Publishes as FLV in the chunked body of a POST. Resolves when the connection stands: HTTP has no answer before the end, so a refusal
 * comes by `lost`.
 */
export async function connectHttpFlvPublisher(url: StreamUrl, options: ConnectOptions): Promise<TagPublisher> {
  const { signal, connectTimeoutMs = CONNECT_TIMEOUT_MS } = options;
  const request = (url.isTls ? requestHttps : requestHttp)(url.href, {
    method: "POST",
    agent: false,
    signal,
    headers: { "content-type": "video/x-flv", "transfer-encoding": "chunked" },
  });
  const publisher = new HttpFlvPublisher(url, request);
  request.flushHeaders();
  if (!(await within(connectTimeoutMs, publisher.connected))) {
    request.destroy(new ConnectionError(`cannot connect to ${url.shown}: no answer within ${connectTimeoutMs} ms`));
    await publisher.connected;
  }
  return publisher;
}

class HttpFlvPublisher implements TagPublisher {
  readonly lost: Promise<Error>;
  /** Resolves when bytes can be sent; rejects when that will not be. */
  readonly connected: Promise<void>;
  readonly #url: StreamUrl;
  readonly #request: ClientRequest;
  readonly #lost = Promise.withResolvers<Error>();
  readonly #answered = Promise.withResolvers<void>();
  #isConnected = false;
  #isOver = false;
  #hasAnswer = false;
  #sentBytes = 0;

  constructor(url: StreamUrl, request: ClientRequest) {
    this.#url = url;
    this.#request = request;
    this.lost = this.#lost.promise;
    const connected = Promise.withResolvers<void>();
    this.connected = connected.promise;
    this.#answered.promise.catch(() => {}); // told by `lost`, or by `end`
    request.on("socket", (socket) => {
      socket.once(url.isTls ? "secureConnect" : "connect", () => {
        socket.setNoDelay(true);
        this.#isConnected = true;
        this.#write(flvHeaderBytes(true, true));
        connected.resolve();
      });
    });
    request.on("response", (answer) => this.#answer(answer));
    request.on("error", (error) => {
      const reason = this.#isConnected ? lostError(url.shown, error) : connectError(url.shown, error);
      connected.reject(reason);
      this.#lose(reason);
    });
    request.on("close", () => {
      if (!this.#hasAnswer) this.#lose(lostError(url.shown, undefined)); // else the answer is the reason
    });
  }

  get sentBytes(): number {
    return this.#sentBytes;
  }

  send(tag: FlvTag): Promise<void> | undefined {
    return this.#isOver ? undefined : this.#write(flvTagBytes(tag));
  }

  async end(): Promise<void> {
    if (this.#isOver) throw await this.lost;
    this.#request.end();
    const hasAnswer = await within(END_TIMEOUT_MS, this.#answered.promise);
    this.abort();
    if (!hasAnswer) throw new ConnectionError(`${this.#url.shown} did not answer within ${END_TIMEOUT_MS} ms after the end`);
  }

  abort(): void {
    this.#isOver = true;
    this.#request.destroy();
  }

  #write(bytes: Uint8Array): Promise<void> | undefined {
    this.#sentBytes += bytes.length;
    this.#request.write(bytes);
    if (this.#request.writableLength <= MAX_UNSENT_BYTES) return undefined;
    const drained = once(this.#request, "drain").catch(() => {}); // an error is told by `lost`
    return Promise.race([drained, this.lost]).then(() => {});
  }

  async #answer(answer: IncomingMessage): Promise<void> {
    this.#hasAnswer = true;
    const status = answer.statusCode ?? 0;
    if (status >= 200 && status < 300 && this.#request.writableEnded) {
      answer.resume();
      this.#answered.resolve();
      return;
    }
    const reason = await readReason(answer);
    const isEarlyEnd = status >= 200 && status < 300;
    this.#lose(
      isEarlyEnd ? new PeerClosed(`${this.#url.shown}: the server ended it`) : statusError(this.#url.shown, status, reason),
    );
  }

  #lose(reason: Error): void {
    if (!this.#isOver) this.#lost.resolve(reason);
    this.#isOver = true;
    this.#answered.reject(reason);
    this.#request.destroy();
  }
}
