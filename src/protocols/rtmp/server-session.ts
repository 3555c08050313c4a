import { LimitError, ProtocolError } from "../../base/media-error.ts";
import type { AmfValue } from "../../containers/amf/amf0.ts";
import type { ChunkLimits } from "./chunk-demuxer.ts";
import type { Command } from "./commands.ts";
import { CapsEx, type ConnectRequest, connectError, connectResult, readConnect } from "./connect.ts";
import { DroppedMedia, LIMITS_AFTER_ACCEPT, LIMITS_BEFORE_ACCEPT, RtmpConnection, type RtmpMedia } from "./connection.ts";
import { type RtmpCrypto, serverHandshake } from "./handshake.ts";
import { MessageType, RTMP_OUT_CHUNK_SIZE, UserControlEvent } from "./messages.ts";
import { type NetStream, NetStreams } from "./net-stream.ts";
import { onStatus, StatusCode, statusInfo } from "./status.ts";
import { readName, readText } from "./stream-path.ts";

/** After how many bytes players acknowledge: half a second to some seconds of media, so that their lag can be seen. */
const OUT_ACK_WINDOW_BYTES = 500_000;
/** What we let peers send unacknowledged, with the limit type "dynamic": no limit in practice. */
const PEER_BANDWIDTH_BYTES = 2_500_000;
const LIMIT_TYPE_DYNAMIC = 2;
/** Commands that wait for the decision about `connect`; clients that wait for its result send none. */
export const MAX_WAITING_COMMANDS = 8;
/** Media that may arrive while nothing is published on its stream: what is on its way when a publish is ended by us. */
export const MAX_DROPPED_MEDIA_BYTES = 8_388_608;

export interface PublishRequest {
  readonly streamId: number;
  readonly app: string;
  readonly name: string;
  /** Of the name and of the connection, without question mark. */
  readonly query: string;
  readonly mode: "live" | "record" | "append";
}

export interface PlayRequest {
  readonly streamId: number;
  readonly app: string;
  readonly name: string;
  readonly query: string;
  /** −2000: live, else recorded; −1000: live; from 0: recorded from there. */
  readonly startMs: number;
  readonly reset: boolean;
}

/** What a client wants. Each of connect, publish and play is answered by the session's accept… or reject…, at once or later. */
export interface RtmpServerHandler {
  connect(request: ConnectRequest): void;
  publish(request: PublishRequest): void;
  play(request: PlayRequest): void;
  /** Only between `acceptPublish` and `closeStream`. */
  media(media: RtmpMedia): void;
  /** Has been answered. `ms` is where the player is. */
  pause(streamId: number, isPaused: boolean, ms: number): void;
  receiveAudio(streamId: number, isOn: boolean): void;
  receiveVideo(streamId: number, isOn: boolean): void;
  /** The peer ended what it published or played, or takes back what it asked for. */
  closeStream(streamId: number): void;
  /** Bytes the peer has received since the connection began. */
  acknowledged(bytes: number): void;
  /** The answer to `ping`. */
  pong?(ms: number): void;
}

/** Where to begin: Flash and ffmpeg say milliseconds, GStreamer the standard's seconds; negative ones are signs, not times. */
function readStart(start: AmfValue): number {
  if (typeof start !== "number" || !Number.isFinite(start)) return -2000;
  if (start >= 0) return start;
  return start === -1 || start === -1000 ? -1000 : -2000;
}

type CommandHandler = (session: RtmpServerSession, streamId: number, command: Command) => void;

/**
 * The server's side of an RTMP connection, without its socket: `push` what arrives; `send` gets bytes to write, its own to keep. Everything
 * is called from within `push` or the method that caused it. After a throw of `push` the connection is to be dropped.
 */
export class RtmpServerSession {
  readonly #connection: RtmpConnection;
  readonly #handler: RtmpServerHandler;
  readonly #limitsAfterAccept: ChunkLimits;
  readonly #streams = new NetStreams();
  readonly #dropped = new DroppedMedia(MAX_DROPPED_MEDIA_BYTES);
  readonly #waiting: { streamId: number; command: Command }[] = [];
  #request: ConnectRequest | undefined;
  #connectTransaction = 0;
  #isConnected = false;

  static readonly #commands: ReadonlyMap<string, CommandHandler> = new Map<string, CommandHandler>([
    ["createStream", (session, _, command) => session.#answer(command, null, session.#streams.create().id)],
    ["releaseStream", (session, _, command) => session.#answer(command, null, undefined)],
    ["FCPublish", (session, _, command) => session.#fcPublish(command)],
    ["FCUnpublish", (session, _, command) => session.#fcUnpublish(command)],
    ["FCSubscribe", (session, _, command) => session.#fcSubscribe(command)],
    ["publish", (session, streamId, command) => session.#publish(session.#streams.get(streamId, "publish"), command)],
    ["play", (session, streamId, command) => session.#play(session.#streams.get(streamId, "play"), command)],
    [
      "play2",
      (session, streamId) => session.#refuse(streamId, StatusCode.playFailed, "A live stream has no other version to switch to."),
    ],
    ["pause", (session, streamId, command) => session.#pause(streamId, command)],
    ["pauseRaw", (session, streamId, command) => session.#pause(streamId, command)],
    ["seek", (session, streamId) => session.#refuse(streamId, StatusCode.seekFailed, "A live stream cannot be sought in.")],
    [
      "receiveAudio",
      (session, streamId, { values }) =>
        session.#ifPlaying(streamId, () => session.#handler.receiveAudio(streamId, values[1] !== false)),
    ],
    [
      "receiveVideo",
      (session, streamId, { values }) =>
        session.#ifPlaying(streamId, () => session.#handler.receiveVideo(streamId, values[1] !== false)),
    ],
    ["getStreamLength", (session, _, command) => session.#answer(command, null, 0)],
    ["closeStream", (session, streamId) => session.#closeStream(session.#streams.find(streamId))],
    ["deleteStream", (session, _, command) => session.#deleteStream(command)],
  ]);

  constructor(options: {
    crypto: RtmpCrypto;
    handler: RtmpServerHandler;
    send(bytes: Uint8Array): void;
    /** Of messages and partial messages, until the first publish is accepted and from then on. */
    limits?: { beforeAccept?: ChunkLimits; afterAccept?: ChunkLimits };
  }) {
    this.#handler = options.handler;
    this.#limitsAfterAccept = options.limits?.afterAccept ?? LIMITS_AFTER_ACCEPT;
    this.#connection = new RtmpConnection({
      handshake: (send) => serverHandshake(options.crypto, send),
      send: options.send,
      limits: options.limits?.beforeAccept ?? LIMITS_BEFORE_ACCEPT,
      events: {
        handshakeDone: () => {},
        command: (streamId, command) => this.#command(streamId, command),
        media: (media) => this.#media(media),
        acknowledged: (bytes) => this.#handler.acknowledged(bytes),
        userControl: (event, value) => event === UserControlEvent.pingResponse && this.#handler.pong?.(value),
      },
    });
  }

  /** Reads what arrived; `bytes` are not kept. Throws MediaError, and then nothing more should be pushed. */
  push(bytes: Uint8Array): void {
    this.#connection.push(bytes);
  }

  /** Nothing is read or told any more; the caller ends the socket. */
  close(): void {
    this.#connection.close();
  }

  /** Lets the client in. False when there is nothing to answer (any more), here and below. */
  acceptConnect(): boolean {
    if (!this.#request || this.#isConnected || this.#connection.isClosed) return false;
    const { out } = this.#connection;
    this.#isConnected = true;
    this.#connection.announceWindow(OUT_ACK_WINDOW_BYTES);
    out.control(MessageType.setPeerBandwidth, PEER_BANDWIDTH_BYTES, LIMIT_TYPE_DYNAMIC);
    out.setChunkSize(RTMP_OUT_CHUNK_SIZE);
    out.command(0, connectResult(this.#connectTransaction, this.#request));
    out.flush();
    for (const { streamId, command } of this.#waiting.splice(0)) this.#command(streamId, command);
    out.flush();
    return true;
  }

  /** Refuses the client and closes the session. */
  rejectConnect(description: string, code: string = StatusCode.connectRejected): boolean {
    if (!this.#request || this.#isConnected || this.#connection.isClosed) return false;
    this.#connection.out.command(0, connectError(this.#connectTransaction, code, description));
    this.close();
    return true;
  }

  /** Media flows from here on. */
  acceptPublish(streamId: number): boolean {
    const stream = this.#open(streamId, "deciding-publish");
    if (!stream) return false;
    stream.state = "publishing";
    this.#connection.limits = this.#limitsAfterAccept;
    this.#dropped.reset();
    this.#connection.out.userControl(UserControlEvent.streamBegin, streamId);
    this.#status(streamId, "status", StatusCode.publishStart, `${stream.name} is now published.`);
    return true;
  }

  rejectPublish(streamId: number, code: string, description: string): boolean {
    return this.#reject(this.#open(streamId, "deciding-publish"), code, description);
  }

  /** The caller writes media next: messages in chunks of RTMP_OUT_CHUNK_SIZE, each beginning with a type 0 chunk. */
  acceptPlay(streamId: number, reset = true): boolean {
    const stream = this.#open(streamId, "deciding-play");
    if (!stream) return false;
    stream.state = "playing";
    const { out } = this.#connection;
    out.userControl(UserControlEvent.streamBegin, streamId);
    if (reset) out.command(streamId, onStatus("status", StatusCode.playReset, `Playing and resetting ${stream.name}.`));
    out.command(streamId, onStatus("status", StatusCode.playStart, `Started playing ${stream.name}.`));
    out.data(streamId, "|RtmpSampleAccess", true, true);
    out.flush();
    return true;
  }

  rejectPlay(streamId: number, code: string, description: string): boolean {
    return this.#reject(this.#open(streamId, "deciding-play"), code, description);
  }

  /** Tells a player that its stream has ended. */
  endPlay(streamId: number, reason: string): boolean {
    const stream = this.#open(streamId, "playing");
    if (!stream) return false;
    stream.state = "idle";
    this.#connection.out.userControl(UserControlEvent.streamEof, streamId);
    this.#status(streamId, "status", StatusCode.playUnpublishNotify, reason);
    return true;
  }

  /** Tells a publisher that it is no longer wanted; what it still sends is dropped. */
  endPublish(streamId: number, code: string, reason: string): boolean {
    return this.#reject(this.#open(streamId, "publishing"), code, reason);
  }

  /** Enhanced RTMP v2: asks the client to connect again, to `tcUrl` if given. False when it did not say that it can. */
  requestReconnect(description: string, tcUrl?: string): boolean {
    if (!this.#isConnected || this.#connection.isClosed || ((this.#request?.capsEx ?? 0) & CapsEx.reconnect) === 0) return false;
    const more = tcUrl === undefined ? {} : { tcUrl };
    this.#connection.out.command(0, onStatus("status", StatusCode.connectReconnectRequest, description, more));
    this.#connection.out.flush();
    return true;
  }

  /** Asks the client for a sign of life; its answer goes to `pong`. `ms` is any number, modulo 2^32. */
  ping(ms: number): void {
    if (!this.#isConnected || this.#connection.isClosed) return;
    this.#connection.out.userControl(UserControlEvent.pingRequest, ms >>> 0);
    this.#connection.out.flush();
  }

  #open(streamId: number, state: NetStream["state"]): NetStream | undefined {
    return this.#connection.isClosed ? undefined : this.#streams.inState(streamId, state);
  }

  #reject(stream: NetStream | undefined, code: string, description: string): boolean {
    if (!stream) return false;
    stream.state = "idle";
    this.#status(stream.id, "error", code, description);
    return true;
  }

  #status(streamId: number, level: "status" | "error", code: string, description: string): void {
    this.#connection.out.command(streamId, onStatus(level, code, description));
    this.#connection.out.flush();
  }

  #refuse(streamId: number, code: string, description: string): void {
    this.#connection.out.command(streamId, onStatus("error", code, description));
  }

  #answer(command: Command, ...values: AmfValue[]): void {
    if (command.transactionId > 0)
      this.#connection.out.command(0, { name: "_result", transactionId: command.transactionId, values });
  }

  #media(media: RtmpMedia): void {
    if (this.#streams.inState(media.streamId, "publishing")) this.#handler.media(media);
    else this.#dropped.drop(media);
  }

  #command(streamId: number, command: Command): void {
    if (this.#connection.isClosed) return;
    if (command.name === "connect") this.#connect(command);
    else if (this.#isConnected) this.#dispatch(streamId, command);
    else if (!this.#request) throw new ProtocolError(`rtmp: ${command.name} before connect`);
    else if (this.#waiting.push({ streamId, command }) > MAX_WAITING_COMMANDS)
      throw new LimitError(`rtmp: more than ${MAX_WAITING_COMMANDS} commands before connect was answered`);
  }

  #dispatch(streamId: number, command: Command): void {
    const handle = RtmpServerSession.#commands.get(command.name);
    const isStop = command.values[1] === false && (command.name === "publish" || command.name === "play"); // as Flash says closeStream
    if (isStop) this.#closeStream(this.#streams.find(streamId));
    else if (handle) handle(this, streamId, command);
    else if (command.transactionId > 0 && command.name !== "_result" && command.name !== "_error")
      this.#connection.out.command(0, {
        name: "_error",
        transactionId: command.transactionId,
        values: [null, statusInfo("error", StatusCode.callFailed, `There is no method ${command.name}.`)],
      });
  }

  #connect(command: Command): void {
    if (this.#request) throw new ProtocolError("rtmp: a second connect");
    this.#request = readConnect(command);
    this.#connectTransaction = command.transactionId;
    this.#handler.connect(this.#request);
  }

  #target(command: Command): { app: string; name: string; query: string } {
    const { app = "", query = "" } = this.#request ?? {};
    return { app, ...readName(readText(command.values[1], `the name to ${command.name}`), query) };
  }

  #publish(stream: NetStream, command: Command): void {
    const target = this.#target(command);
    const mode = command.values[2];
    if (!this.#begin(stream, "deciding-publish", target.name, StatusCode.publishFailed)) return;
    const isKnown = mode === "record" || mode === "append";
    this.#handler.publish({ streamId: stream.id, ...target, mode: isKnown ? mode : "live" });
  }

  #play(stream: NetStream, command: Command): void {
    const target = this.#target(command);
    const [, , start, , reset] = command.values;
    if (!this.#begin(stream, "deciding-play", target.name, StatusCode.playFailed)) return;
    this.#handler.play({
      streamId: stream.id,
      ...target,
      startMs: readStart(start),
      reset: reset !== false && reset !== 0,
    });
  }

  /** Something new on a stream ends what was on it; while a decision is open nothing new may begin. */
  #begin(stream: NetStream, state: "deciding-publish" | "deciding-play", name: string, failed: string): boolean {
    if (stream.state === "publishing" || stream.state === "playing") this.#closeStream(stream);
    if (stream.state === "idle") {
      stream.state = state;
      stream.name = name;
      return true;
    }
    this.#refuse(stream.id, failed, "The stream is busy with an earlier request; create another.");
    return false;
  }

  #pause(streamId: number, command: Command): void {
    const isPaused = command.values[1] === true;
    const ms = typeof command.values[2] === "number" && Number.isFinite(command.values[2]) ? command.values[2] : 0;
    this.#ifPlaying(streamId, () => {
      const { out } = this.#connection;
      const code = isPaused ? StatusCode.pauseNotify : StatusCode.unpauseNotify;
      out.command(streamId, onStatus("status", code, isPaused ? "Paused." : "Continued."));
      out.userControl(isPaused ? UserControlEvent.streamEof : UserControlEvent.streamBegin, streamId);
      out.flush();
      this.#handler.pause(streamId, isPaused, ms);
    });
  }

  #ifPlaying(streamId: number, act: () => void): void {
    if (this.#streams.inState(streamId, "playing")) act();
  }

  #closeStream(stream: NetStream | undefined): void {
    if (!stream || stream.state === "idle" || stream.state === "retired") return;
    const isOpenDecision = stream.state === "deciding-publish" || stream.state === "deciding-play";
    stream.state = isOpenDecision ? "retired" : "idle";
    this.#handler.closeStream(stream.id);
  }

  #deleteStream(command: Command): void {
    const id = command.values.find((value) => typeof value === "number"); // GStreamer leaves out the null before it
    if (id === undefined) return;
    const stream = this.#streams.find(id);
    this.#streams.delete(id);
    this.#closeStream(stream); // no answer: §7.2.2.3
  }

  #fcPublish(command: Command): void {
    const { name } = this.#target(command);
    this.#answer(command, null, undefined);
    this.#notify("onFCPublish", StatusCode.publishStart, name);
  }

  #fcUnpublish(command: Command): void {
    const { name } = this.#target(command);
    const stream = this.#streams.published(name);
    this.#closeStream(stream);
    this.#notify("onFCUnpublish", StatusCode.unpublishSuccess, name);
    this.#answer(command, null, undefined);
    if (stream) this.#status(stream.id, "status", StatusCode.unpublishSuccess, `${name} is no longer published.`);
  }

  #fcSubscribe(command: Command): void {
    const { name } = this.#target(command);
    this.#answer(command, null, undefined);
    this.#notify("onFCSubscribe", StatusCode.playStart, name);
  }

  #notify(name: string, code: string, description: string): void {
    this.#connection.out.command(0, { name, transactionId: 0, values: [null, statusInfo("status", code, description)] });
  }
}
