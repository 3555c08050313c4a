import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { PeerClosed } from "../../base/media-error.ts";
import { rtmpCrypto } from "../../endpoints/rtmp/crypto.ts";
import { RtmpClientSession } from "../../protocols/rtmp/client-session.ts";
import type { RtmpMedia } from "../../protocols/rtmp/connection.ts";
import { ConnectionError, connectError, lostError, RefusedError } from "./client-error.ts";
import type { StreamUrl } from "./stream-url.ts";
import { CONNECT_TIMEOUT_MS, type ConnectOptions } from "./tag-publisher.ts";

/** An RTMP session as a client, on its socket. */
export class RtmpLink {
  readonly session: RtmpClientSession;
  readonly socket: Socket;
  /** Resolves when the server has let us in; rejects with a MediaError. */
  readonly ready: Promise<void>;
  /** Resolves when the connection has ended for any reason; PeerClosed is a normal end. */
  readonly ended: Promise<Error>;
  readonly #url: StreamUrl;
  #isReady = false;
  #settleReady: (error?: Error) => void = () => {};
  #settleEnded: (reason: Error) => void = () => {};

  constructor(url: StreamUrl, mode: "publish" | "play", onMedia: (media: RtmpMedia) => void, options: ConnectOptions) {
    this.#url = url;
    this.ready = new Promise((resolve, reject) => {
      this.#settleReady = (error) => (error ? reject(error) : resolve());
    });
    this.ready.catch(() => {}); // told by `ended` too
    this.ended = new Promise((resolve) => {
      this.#settleEnded = resolve;
    });
    const { host, port } = url;
    this.socket = url.isTls ? connectTls({ host, port, servername: host }) : connectTcp({ host, port });
    this.socket.setNoDelay(true);
    this.session = this.#createSession(mode, onMedia);
    this.#listen(options);
  }

  /** Whether the server has let us in. */
  get isReady(): boolean {
    return this.#isReady;
  }

  /** Ends the connection for `reason`, at once. */
  abort(reason: Error): void {
    this.#settleReady(reason);
    this.#settleEnded(reason);
    this.socket.destroy();
  }

  #createSession(mode: "publish" | "play", onMedia: (media: RtmpMedia) => void): RtmpClientSession {
    const { app, name, host, port, isTls, shown } = this.#url;
    const authority = host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
    return new RtmpClientSession({
      crypto: rtmpCrypto,
      target: { mode, app, name, tcUrl: `${isTls ? "rtmps" : "rtmp"}://${authority}/${app}` },
      send: (bytes) => this.socket.write(bytes),
      handler: {
        ready: () => {
          this.#isReady = true;
          this.#settleReady();
        },
        media: onMedia,
        ended: ({ isError, code, description }) => {
          const said = description === "" ? code : description;
          this.abort(isError ? new RefusedError(`${shown}: ${said}`) : new PeerClosed(`${shown}: ${said}`));
        },
        reconnectRequested: (_tcUrl, description) =>
          this.abort(new ConnectionError(`${shown}: the server asks for a new connection ${description}`.trim())),
      },
    });
  }

  #listen({ signal, connectTimeoutMs = CONNECT_TIMEOUT_MS }: ConnectOptions): void {
    const { socket } = this;
    const stop = () => this.abort(new PeerClosed("stopped"));
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop, { once: true });
    const timer = setTimeout(() => {
      this.abort(new ConnectionError(`cannot connect to ${this.#url.shown}: no answer within ${connectTimeoutMs} ms`));
    }, connectTimeoutMs);
    this.ready.then(() => clearTimeout(timer)).catch(() => clearTimeout(timer));
    socket.on("error", (error) => this.#fail(error));
    socket.on("close", () => {
      signal.removeEventListener("abort", stop);
      this.#fail(undefined);
    });
  }

  #fail(error: Error | undefined): void {
    const { shown } = this.#url;
    this.abort(this.#isReady || error === undefined ? lostError(shown, error) : connectError(shown, error));
  }
}
