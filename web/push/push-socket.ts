export interface SocketClosed {
  readonly code: number;
  readonly reason: string;
  /** False when the connection was never accepted. */
  readonly wasOpen: boolean;
}

const OPEN_TIMEOUT_MS = 8000;

/** One WS-FLV publish connection. */
export class PushSocket {
  readonly #socket: WebSocket;
  /** Resolves, never rejects, when the connection is over for whatever reason. */
  readonly closed: Promise<SocketClosed>;
  /** Resolves with false when it closes before it opens. */
  readonly opened: Promise<boolean>;

  constructor(url: string) {
    const socket = new WebSocket(url);
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    let wasOpen = false;
    const timer = setTimeout(() => socket.close(), OPEN_TIMEOUT_MS);
    this.closed = new Promise((resolve) => {
      socket.addEventListener("close", ({ code, reason }) => {
        clearTimeout(timer);
        resolve({ code, reason, wasOpen });
      });
    });
    this.opened = new Promise((resolve) => {
      socket.addEventListener("open", () => {
        clearTimeout(timer);
        resolve((wasOpen = true));
      });
      void this.closed.then(() => resolve(false));
    });
  }

  /** Bytes that the browser holds for a network that does not take them. */
  get bufferedBytes(): number {
    return this.#socket.bufferedAmount;
  }

  send(bytes: Uint8Array<ArrayBuffer>): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(bytes);
  }

  close(): void {
    this.#socket.close(1000, "publisher stopped");
  }
}
