import { WebSocket } from "ws";
import { PeerClosed } from "../../base/media-error.ts";
import type { FlvTag } from "../../containers/flv/flv-tag.ts";
import { CLOSE_NORMAL } from "../../protocols/websocket/close-code.ts";
import { ConnectionError, lostError } from "./client-error.ts";
import { flvHeaderBytes, flvTagBytes } from "./flv-bytes.ts";
import type { StreamUrl } from "./stream-url.ts";
import { type ConnectOptions, END_TIMEOUT_MS, MAX_UNSENT_BYTES, type TagPublisher } from "./tag-publisher.ts";
import { closeError, openWebSocket } from "./web-socket.ts";
import { within } from "./within.ts";

/** Publishes as FLV in binary WebSocket messages, one tag each. Resolves when the handshake is done. */
export async function connectWsFlvPublisher(url: StreamUrl, options: ConnectOptions): Promise<TagPublisher> {
  return new WsFlvPublisher(url, await openWebSocket(url, options));
}

class WsFlvPublisher implements TagPublisher {
  readonly lost: Promise<Error>;
  readonly #url: StreamUrl;
  readonly #socket: WebSocket;
  readonly #lost = Promise.withResolvers<Error>();
  readonly #closed = Promise.withResolvers<Error>();
  #isOver = false;
  #sentBytes = 0;

  constructor(url: StreamUrl, socket: WebSocket) {
    this.#url = url;
    this.#socket = socket;
    this.lost = this.#lost.promise;
    socket.on("error", (error) => this.#lose(lostError(url.shown, error)));
    socket.on("close", (code, reason) => {
      const error = closeError(url, code, reason);
      this.#closed.resolve(error);
      this.#lose(error);
    });
    socket.resume();
    this.#write(flvHeaderBytes(true, true));
  }

  get sentBytes(): number {
    return this.#sentBytes;
  }

  send(tag: FlvTag): Promise<void> | undefined {
    return this.#isOver || this.#socket.readyState !== WebSocket.OPEN ? undefined : this.#write(flvTagBytes(tag));
  }

  async end(): Promise<void> {
    if (this.#isOver) throw await this.lost;
    this.#isOver = true;
    this.#socket.close(CLOSE_NORMAL);
    if (await within(END_TIMEOUT_MS, this.#closed.promise)) return;
    this.abort();
    throw new ConnectionError(`${this.#url.shown} did not answer within ${END_TIMEOUT_MS} ms after the end`);
  }

  abort(): void {
    this.#isOver = true;
    this.#socket.terminate();
  }

  #write(bytes: Uint8Array): Promise<void> | undefined {
    this.#sentBytes += bytes.length;
    if (this.#socket.bufferedAmount <= MAX_UNSENT_BYTES) {
      this.#socket.send(bytes);
      return undefined;
    }
    return new Promise((resolve) => this.#socket.send(bytes, () => resolve())); // called with the error too, which `lost` tells
  }

  #lose(reason: Error): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#lost.resolve(reason instanceof PeerClosed ? lostError(this.#url.shown, undefined) : reason);
    this.#socket.terminate();
  }
}
