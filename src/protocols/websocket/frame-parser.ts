import { LimitError, ProtocolError } from "../../base/media-error.ts";
import { ByteReader } from "../../bytes/byte-reader.ts";
import { ByteWriter } from "../../bytes/byte-writer.ts";
import { FormatError } from "../../bytes/format-error.ts";
import { CLOSE_NO_STATUS, isSendableCloseCode } from "./close-code.ts";
import { applyMask } from "./mask.ts";
import {
  CONTROL_BIT,
  MAX_CONTROL_BYTES,
  OPCODE_BINARY,
  OPCODE_CLOSE,
  OPCODE_CONTINUATION,
  OPCODE_PING,
  OPCODE_PONG,
  OPCODE_TEXT,
} from "./opcode.ts";

/** What a `WebSocketFrameParser` found. Views are valid during the call. */
export interface WebSocketHandler {
  /**
   * Bytes of a binary message. With `binary: "stream"`, as they arrive: a piece of any length, possibly empty, `isLast` with the one
   * that ends the message. With `binary: "whole"`, once per message with `isLast` true.
   */
  binary(bytes: Uint8Array, isLast: boolean): void;
  text(text: string): void;
  /** To be answered with a pong of the same payload. §5.5.2. */
  ping(payload: Uint8Array): void;
  pong(payload: Uint8Array): void;
  /** The peer's close frame, to be answered with one (§5.5.1); 1005 when it had no code. Whatever comes behind it is ignored. */
  close(code: number, reason: string): void;
}

export interface WebSocketParserOptions {
  /** A server's peer must mask its frames, a client's must not. RFC 6455 §5.1. */
  role: "server" | "client";
  /** `stream` hands over binary messages of any length piece by piece and holds nothing; `whole` gathers them. */
  binary: "stream" | "whole";
  /** Bound of a gathered message: text, and binary unless streamed. */
  maxMessageBytes: number;
}

/** The longest frame header: 2 bytes, 8 of length, 4 of mask. §5.2. */
const MAX_HEADER_BYTES = 14;

/**
 * Reads WebSocket frames, RFC 6455 §5, however they are cut. Holds no more than a header, a control frame and what has arrived of a
 * gathered message: a declared length reserves nothing. No extensions. Throws ProtocolError (close code 1002), FormatError (1007:
 * text that is not UTF-8), LimitError (1009); see `closeCodeOf`. After a throw it must not be used again.
 */
export class WebSocketFrameParser {
  readonly #handler: WebSocketHandler;
  readonly #options: WebSocketParserOptions;
  readonly #header = new Uint8Array(MAX_HEADER_BYTES);
  #headerLength = 0;
  /** Of the frame being read. */
  #opcode = 0;
  #isFinal = false;
  #payloadLength = 0;
  #payloadRead = 0;
  #inPayload = false;
  readonly #mask = new Uint8Array(4);
  /** Of the message being read: text, binary, or 0 between messages. */
  #messageOpcode = 0;
  #message = new ByteWriter(0);
  readonly #control = new ByteWriter(MAX_CONTROL_BYTES);
  #isClosed = false;

  constructor(handler: WebSocketHandler, options: WebSocketParserOptions) {
    this.#handler = handler;
    this.#options = options;
  }

  /** True once the peer's close frame was read. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Bytes held for the rest of a message, a header or a control frame. */
  get bufferedBytes(): number {
    return this.#headerLength + this.#message.offset + this.#control.offset;
  }

  /** Reads what arrived. Masked payloads are unmasked in place, so `bytes` must be the parser's to change. */
  push(bytes: Uint8Array): void {
    let at = 0;
    while (!this.#isClosed) {
      if (!this.#inPayload) {
        at = this.#takeHeader(bytes, at);
        if (!this.#inPayload) return;
      }
      const piece = bytes.subarray(at, at + Math.min(bytes.length - at, this.#payloadLength - this.#payloadRead));
      at += piece.length;
      if (this.#options.role === "server") applyMask(piece, this.#mask, this.#payloadRead % 4);
      this.#payloadRead += piece.length;
      this.#inPayload = this.#payloadRead < this.#payloadLength;
      this.#payload(piece, !this.#inPayload);
      if (this.#inPayload) return;
    }
  }

  /** Adds to the header from `bytes`; when it is complete, starts the payload. Returns where it stopped. */
  #takeHeader(bytes: Uint8Array, from: number): number {
    let at = from;
    while (at < bytes.length) {
      this.#header[this.#headerLength++] = bytes[at++] ?? 0;
      if (this.#headerLength === 2) this.#checkHeader();
      if (this.#headerLength >= 2 && this.#headerLength === this.#wantedHeaderLength()) {
        this.#startPayload();
        break;
      }
    }
    return at;
  }

  #wantedHeaderLength(): number {
    const second = this.#header[1] ?? 0;
    const length = second & 0x7f;
    return 2 + (length === 127 ? 8 : length === 126 ? 2 : 0) + (second & 0x80 ? 4 : 0);
  }

  /**
   *  0               1
   * +-+-+-+-+-------+-+-------------+
   * |F|R|R|R| opcode|M| Payload len |   §5.2
   * |I|S|S|S|  (4)  |A|     (7)     |
   * |N|V|V|V|       |S|             |
   * | |1|2|3|       |K|             |
   * +-+-+-+-+-------+-+-------------+
   */
  #checkHeader(): void {
    const first = this.#header[0] ?? 0;
    const second = this.#header[1] ?? 0;
    this.#isFinal = (first & 0x80) !== 0;
    this.#opcode = first & 0x0f;
    if ((first & 0x70) !== 0) throw new ProtocolError("websocket: a reserved bit is set and no extension was agreed on"); // §5.2
    if (((second & 0x80) !== 0) !== (this.#options.role === "server")) {
      throw new ProtocolError(
        `websocket: a ${this.#options.role === "server" ? "client frame without" : "server frame with"} mask`,
      ); // §5.1
    }
    if (this.#opcode & CONTROL_BIT) this.#checkControl(second & 0x7f);
    else this.#checkData();
  }

  #checkControl(length: number): void {
    if (this.#opcode > OPCODE_PONG) throw new ProtocolError(`websocket: opcode ${this.#opcode} is reserved`);
    if (!this.#isFinal) throw new ProtocolError("websocket: a fragmented control frame"); // §5.5
    if (length > MAX_CONTROL_BYTES) throw new ProtocolError("websocket: a control frame above 125 bytes"); // §5.5
  }

  /** §5.4: a message is one data frame and continuations until FIN; only control frames may come between. */
  #checkData(): void {
    if (this.#opcode > OPCODE_BINARY) throw new ProtocolError(`websocket: opcode ${this.#opcode} is reserved`);
    if (this.#opcode === OPCODE_CONTINUATION) {
      if (this.#messageOpcode === 0) throw new ProtocolError("websocket: a continuation of no message");
      return;
    }
    if (this.#messageOpcode !== 0) throw new ProtocolError("websocket: a new message inside a fragmented one");
    this.#messageOpcode = this.#opcode;
  }

  #startPayload(): void {
    const reader = new ByteReader(this.#header.subarray(0, this.#headerLength), "websocket");
    reader.skip(1);
    const short = reader.u8() & 0x7f;
    const length = short === 127 ? this.#u64(reader) : short === 126 ? reader.u16() : short;
    // §5.2: "the minimal number of bytes MUST be used to encode the length"
    if ((short === 126 && length < 126) || (short === 127 && length < 65536)) {
      throw new ProtocolError("websocket: a length in more bytes than it needs");
    }
    if (this.#options.role === "server") this.#mask.set(reader.take(4));
    this.#payloadLength = length;
    this.#payloadRead = 0;
    this.#headerLength = 0;
    this.#inPayload = true;
    if (this.#isGathered() && this.#message.offset + length > this.#options.maxMessageBytes) {
      throw new LimitError(`websocket: a message above the limit of ${this.#options.maxMessageBytes} bytes`);
    }
  }

  #u64(reader: ByteReader): number {
    const high = reader.u32();
    if (high > 0x1fffff) throw new ProtocolError("websocket: a frame above 2^53 bytes"); // §5.2 wants the uppermost bit 0
    return high * 0x1_0000_0000 + reader.u32();
  }

  #isGathered(): boolean {
    if (this.#opcode & CONTROL_BIT) return false;
    return this.#messageOpcode === OPCODE_TEXT || this.#options.binary === "whole";
  }

  #payload(piece: Uint8Array, isEnd: boolean): void {
    if (this.#opcode & CONTROL_BIT) this.#controlPayload(piece, isEnd);
    else if (this.#isGathered()) this.#gather(piece, isEnd && this.#isFinal);
    else {
      const isLast = isEnd && this.#isFinal;
      if (isLast) this.#messageOpcode = 0;
      if (isLast || piece.length > 0) this.#handler.binary(piece, isLast);
    }
  }

  #gather(piece: Uint8Array, isLast: boolean): void {
    const isWhole = isLast && this.#message.offset === 0;
    if (!isWhole) this.#message.put(piece);
    if (!isLast) return;
    const message = isWhole ? piece : this.#message.written();
    const opcode = this.#messageOpcode;
    this.#messageOpcode = 0;
    this.#message = new ByteWriter(0); // a long message must not keep its buffer
    if (opcode === OPCODE_TEXT) this.#handler.text(utf8(message));
    else this.#handler.binary(message, true);
  }

  #controlPayload(piece: Uint8Array, isEnd: boolean): void {
    this.#control.put(piece);
    if (!isEnd) return;
    const payload = this.#control.toBytes();
    this.#control.offset = 0;
    if (this.#opcode === OPCODE_PING) this.#handler.ping(payload);
    else if (this.#opcode === OPCODE_PONG) this.#handler.pong(payload);
    else if (this.#opcode === OPCODE_CLOSE) this.#close(payload);
  }

  /** §5.5.1: nothing, or a 2-byte code and a reason in UTF-8. */
  #close(payload: Uint8Array): void {
    this.#isClosed = true;
    if (payload.length === 1) throw new ProtocolError("websocket: a close frame with half a code");
    if (payload.length === 0) {
      this.#handler.close(CLOSE_NO_STATUS, "");
      return;
    }
    const code = new ByteReader(payload, "websocket").u16();
    if (!isSendableCloseCode(code)) throw new ProtocolError(`websocket: close code ${code} may not be sent`);
    this.#handler.close(code, utf8(payload.subarray(2)));
  }
}

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** §8.1: text that is not UTF-8 fails the connection. */
function utf8(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw new FormatError("websocket: text that is not UTF-8", { cause });
  }
}
