import { ProtocolError } from "../../base/media-error.ts";
import { ByteWriter } from "../../bytes/byte-writer.ts";
import type { AmfValue } from "../../containers/amf/amf0.ts";
import type { ChunkLimits } from "./chunk-demuxer.ts";
import { maxChunkedBytes, writeMessage } from "./chunk-writer.ts";
import type { Command } from "./commands.ts";
import { connectCommand, field } from "./connect.ts";
import { closedError, LIMITS_AFTER_ACCEPT, LIMITS_BEFORE_ACCEPT, RtmpConnection, type RtmpMedia } from "./connection.ts";
import { clientHandshake, type RtmpCrypto } from "./handshake.ts";
import { ChunkStreamId, RTMP_OUT_CHUNK_SIZE, UserControlEvent } from "./messages.ts";
import { StatusCode } from "./status.ts";

/** After how many bytes the server is to acknowledge what we publish. */
const CLIENT_ACK_WINDOW_BYTES = 2_500_000;
/** What we tell a server that we buffer: it may begin with this much at once. */
const PLAY_BUFFER_MS = 3000;
const PLAY_LIVE_OR_RECORDED = -2000;
const FLASH_VERSION = { publish: "FMLE/3.0 (compatible; Sluice)", play: "LNX 9,0,124,2" } as const;

export interface RtmpClientTarget {
  readonly mode: "publish" | "play";
  /** Application, with its query if it has one. */
  readonly app: string;
  /** "rtmp://host:port/app". */
  readonly tcUrl: string;
  /** Stream name, with its query if it has one. */
  readonly name: string;
}

export interface RtmpClientHandler {
  /** Publish or play has been accepted: `sendMedia` may be called, or `media` will be. */
  ready(streamId: number): void;
  /** Only when playing. */
  media(media: RtmpMedia): void;
  /** The server refused or ended it; `isError` tells a refusal from a normal end. The session is closed. */
  ended(reason: { isError: boolean; code: string; description: string }): void;
  /** Enhanced RTMP v2: the server wants us to connect again, to `tcUrl` if not "" (it may be relative to ours). */
  reconnectRequested?(tcUrl: string, description: string): void;
  /** Bytes the server has received since the connection began. */
  acknowledged?(bytes: number): void;
}

/** Codes of `onStatus` that say that all is well and that nothing more will come. */
const READY_CODES: ReadonlySet<string> = new Set([StatusCode.publishStart, StatusCode.playStart]);
const END_CODES: ReadonlySet<string> = new Set([
  StatusCode.playUnpublishNotify,
  StatusCode.playStop,
  "NetStream.Play.Complete",
  StatusCode.unpublishSuccess,
]);

const textOf = (value: AmfValue): string => (typeof value === "string" ? value : "");

/**
 * The client's side of an RTMP connection that publishes or plays one stream, without its socket. C0 and C1 are sent by the constructor;
 * `push` what arrives. After a throw of `push` the connection is to be dropped.
 */
export class RtmpClientSession {
  readonly #connection: RtmpConnection;
  readonly #handler: RtmpClientHandler;
  readonly #target: RtmpClientTarget;
  readonly #limitsAfterAccept: ChunkLimits;
  readonly #send: (bytes: Uint8Array) => void;
  #lastTransaction = 0;
  #connectTransaction = 0;
  #createTransaction = 0;
  #streamId = 0;
  #isReady = false;

  constructor(options: {
    crypto: RtmpCrypto;
    handler: RtmpClientHandler;
    target: RtmpClientTarget;
    send(bytes: Uint8Array): void;
    limits?: { beforeAccept?: ChunkLimits; afterAccept?: ChunkLimits };
  }) {
    this.#handler = options.handler;
    this.#target = options.target;
    this.#send = options.send;
    this.#limitsAfterAccept = options.limits?.afterAccept ?? LIMITS_AFTER_ACCEPT;
    this.#connection = new RtmpConnection({
      handshake: (send) => clientHandshake(options.crypto, send),
      send: options.send,
      limits: options.limits?.beforeAccept ?? LIMITS_BEFORE_ACCEPT,
      events: {
        handshakeDone: () => this.#connect(),
        command: (_, command) => this.#command(command),
        media: (media) => this.#target.mode === "play" && this.#handler.media(media),
        acknowledged: (bytes) => this.#handler.acknowledged?.(bytes),
        userControl: () => {}, // StreamEOF means little: servers send it on pause too, and say onStatus when they mean it
      },
    });
  }

  /** Reads what arrived; `bytes` are not kept. Throws MediaError, and then nothing more should be pushed. */
  push(bytes: Uint8Array): void {
    this.#connection.push(bytes);
  }

  /** The message stream id that the server gave us; 0 until `ready`. */
  get streamId(): number {
    return this.#streamId;
  }

  /**
   * Sends one message of what we publish: the body of an FLV tag. Bytes of the `rtmp` muxer for this stream id may be written to the
   * socket instead: the chunk size has been announced. Throws ProtocolError before `ready` and after the end.
   */
  sendMedia(media: { type: 8 | 9 | 18; timestamp: number; payload: Uint8Array }): void {
    if (this.#connection.isClosed) throw closedError();
    if (!this.#isReady) throw new ProtocolError("rtmp: media before publish was accepted");
    const w = ByteWriter.over(new Uint8Array(maxChunkedBytes(media.payload.length, RTMP_OUT_CHUNK_SIZE)));
    const lanes = { 8: ChunkStreamId.audio, 9: ChunkStreamId.video, 18: ChunkStreamId.data };
    const header = {
      chunkStreamId: lanes[media.type],
      type: media.type,
      streamId: this.#streamId,
      timestamp: media.timestamp >>> 0,
    };
    writeMessage(w, header, media.payload, RTMP_OUT_CHUNK_SIZE);
    this.#send(w.written());
  }

  /** Tells the server that we leave. The caller ends the socket. */
  close(): void {
    if (this.#connection.isClosed) return;
    if (this.#streamId > 0) {
      if (this.#target.mode === "publish") this.#call("FCUnpublish", null, this.#target.name);
      this.#call("deleteStream", null, this.#streamId);
    }
    this.#connection.close();
  }

  #connect(): void {
    const { app, tcUrl, mode } = this.#target;
    const { out } = this.#connection;
    out.setChunkSize(RTMP_OUT_CHUNK_SIZE);
    this.#connection.announceWindow(CLIENT_ACK_WINDOW_BYTES);
    this.#connectTransaction = ++this.#lastTransaction;
    out.command(0, connectCommand(this.#connectTransaction, { app, tcUrl, flashVer: FLASH_VERSION[mode] }));
  }

  /** Calls a method of the connection, and says under which number. */
  #call(name: string, ...values: AmfValue[]): number {
    this.#connection.out.command(0, { name, transactionId: ++this.#lastTransaction, values });
    return this.#lastTransaction;
  }

  #command(command: Command): void {
    if (command.name === "_result") this.#result(command);
    else if (command.name === "_error") this.#error(command);
    else if (command.name === "onStatus") this.#status(command.values[1]);
  }

  #result({ transactionId, values }: Command): void {
    if (transactionId === this.#connectTransaction) this.#connected();
    else if (transactionId === this.#createTransaction) this.#created(values[1]);
  }

  #connected(): void {
    if (this.#createTransaction > 0) throw new ProtocolError("rtmp: the server answers connect twice");
    if (this.#target.mode === "publish") {
      this.#call("releaseStream", null, this.#target.name);
      this.#call("FCPublish", null, this.#target.name);
    }
    this.#createTransaction = this.#call("createStream", null);
  }

  #created(streamId: AmfValue): void {
    if (this.#streamId > 0) throw new ProtocolError("rtmp: the server answers createStream twice");
    if (typeof streamId !== "number" || !(streamId >= 1 && streamId <= 0xffffffff))
      throw new ProtocolError("rtmp: createStream gave no stream id");
    this.#streamId = Math.floor(streamId);
    this.#connection.limits = this.#limitsAfterAccept;
    const { out } = this.#connection;
    const isPublish = this.#target.mode === "publish";
    if (!isPublish) out.userControl(UserControlEvent.setBufferLength, this.#streamId, PLAY_BUFFER_MS);
    const how = isPublish ? "live" : PLAY_LIVE_OR_RECORDED;
    out.command(this.#streamId, {
      name: this.#target.mode,
      transactionId: ++this.#lastTransaction,
      values: [null, this.#target.name, how],
    });
  }

  /** Only connect and createStream must succeed; many servers know no releaseStream. */
  #error({ transactionId, values }: Command): void {
    if (transactionId === this.#connectTransaction || transactionId === this.#createTransaction) this.#end(values[1], true);
  }

  #status(info: AmfValue): void {
    const code = textOf(field(info, "code"));
    if (code === StatusCode.connectReconnectRequest)
      this.#handler.reconnectRequested?.(textOf(field(info, "tcUrl")), textOf(field(info, "description")));
    else if (field(info, "level") === "error") this.#end(info, true);
    else if (END_CODES.has(code)) this.#end(info, false);
    else if (READY_CODES.has(code) && this.#streamId > 0 && !this.#isReady) {
      this.#isReady = true;
      this.#handler.ready(this.#streamId);
    }
  }

  #end(info: AmfValue, isError: boolean): void {
    this.#connection.close();
    const code = textOf(field(info, "code")) || StatusCode.callFailed;
    this.#handler.ended({ isError, code, description: textOf(field(info, "description")) });
  }
}
