import type { Socket } from "node:net";
import type { EndReason, Sink } from "../../hub/cursor.ts";

/** So long a peer may take for what is left and for closing its side after we have closed ours. */
export const LINGER_MS = 10_000;

/** A viewer's socket for formats whose bytes go out as they are. */
export class SocketSink implements Sink {
  readonly socket: Socket;

  constructor(socket: Socket) {
    this.socket = socket;
  }

  get pendingBytes(): number {
    return this.socket.writableLength;
  }

  write(bytes: Uint8Array): void {
    this.socket.write(bytes);
  }

  end(reason: EndReason): void {
    closeSocket(this.socket, reason);
  }
}

/**
 * Until here small answers had to go at once. From here on the kernel may gather what it writes while earlier bytes are on their way
 * (Nagle): with a write per frame that halves its work, for at most a round trip of latency.
 */
export function gatherWrites(socket: Socket): void {
  socket.setNoDelay(false);
}

/** Ends a viewer's socket: in order when the peer reads, at once when it does not. */
export function closeSocket(socket: Socket, reason: EndReason): void {
  if (reason === "too slow" || reason === "overloaded") socket.destroy();
  else endSocket(socket);
}

/**
 * Sends `last` and closes our side. What the peer still sends (acknowledgements, a close frame, the rest of a body) is read until it
 * closes too: a socket that is destroyed answers it with a reset, and a reset takes from the peer what it has not read yet.
 */
export function endSocket(socket: Socket, last: Uint8Array | string = ""): void {
  if (socket.destroyed || socket.writableEnded) return;
  socket.end(last);
  socket.resume();
  const timer = setTimeout(() => socket.destroy(), LINGER_MS);
  socket.once("close", () => clearTimeout(timer));
}

/** A socket without an `error` listener would end the process; what matters comes with `close`. */
export function ignoreErrors(socket: Socket): void {
  socket.on("error", ignore);
}

function ignore(): void {}

const closeSignals = new WeakMap<Socket, AbortSignal>();

/** Aborts when the socket closes: for what is decided while the peer may leave. One for all requests of a connection. */
export function closeSignal(socket: Socket): AbortSignal {
  const known = closeSignals.get(socket);
  if (known) return known;
  const controller = new AbortController();
  if (socket.destroyed) controller.abort();
  else socket.once("close", () => controller.abort());
  closeSignals.set(socket, controller.signal);
  return controller.signal;
}
