import type { Socket } from "node:net";
import { ByteWriter } from "../../bytes/byte-writer.ts";
import type { EndReason, Sink } from "../../hub/cursor.ts";
import { CLOSE_GOING_AWAY, CLOSE_NORMAL, CLOSE_POLICY, CLOSE_TRY_AGAIN_LATER } from "../../protocols/websocket/close-code.ts";
import { frameHeaderBytes, writeCloseFrame, writeFrameHeader } from "../../protocols/websocket/frame-writer.ts";
import { OPCODE_BINARY } from "../../protocols/websocket/opcode.ts";
import { closeSocket } from "../tcp/socket-sink.ts";

const CODE_BY_REASON: Readonly<Record<EndReason, number>> = {
  "stream ended": CLOSE_NORMAL,
  "too slow": CLOSE_TRY_AGAIN_LATER,
  "server stopping": CLOSE_GOING_AWAY,
  kicked: CLOSE_POLICY,
  "peer left": CLOSE_NORMAL,
  overloaded: CLOSE_TRY_AGAIN_LATER,
};

/** The header for the length that was written last: viewers in step get the same bytes, so the same header. */
let lastHeader: Uint8Array = new Uint8Array(0);
let lastLength = -1;

function headerFor(length: number): Uint8Array {
  if (length === lastLength) return lastHeader;
  const bytes = Buffer.allocUnsafeSlow(frameHeaderBytes(length));
  writeFrameHeader(ByteWriter.over(bytes), OPCODE_BINARY, length);
  lastHeader = bytes;
  lastLength = length;
  return bytes;
}

/** A viewer behind a WebSocket: each write is one binary message. */
export class WebSocketSink implements Sink {
  readonly socket: Socket;

  constructor(socket: Socket) {
    this.socket = socket;
  }

  get pendingBytes(): number {
    return this.socket.writableLength;
  }

  write(bytes: Uint8Array): void {
    this.socket.cork();
    this.socket.write(headerFor(bytes.length));
    this.socket.write(bytes);
    this.socket.uncork();
  }

  end(reason: EndReason): void {
    if (!this.socket.destroyed) this.socket.write(writeCloseFrame(CODE_BY_REASON[reason], reason));
    closeSocket(this.socket, reason);
  }
}
