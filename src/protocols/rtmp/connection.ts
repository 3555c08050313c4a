import { LimitError, ProtocolError } from "../../base/media-error.ts";
import { ByteReader } from "../../bytes/byte-reader.ts";
import { type Parser, ParserDriver } from "../../bytes/parser.ts";
import { ChunkDemuxer, type ChunkLimits } from "./chunk-demuxer.ts";
import { type Command, readCommand } from "./commands.ts";
import { HANDSHAKE_BYTES } from "./handshake.ts";
import { MessageType, type RtmpMessage, readControlNumber, readUserControl, UserControlEvent } from "./messages.ts";
import { Outbox } from "./outbox.ts";

/** How often we acknowledge when the peer does not say: it may wait for us because of the bandwidth we asked for. */
const DEFAULT_ACK_WINDOW_BYTES = 1_000_000;
/** A smaller window than this is answered at this pace. */
const MIN_ACK_WINDOW_BYTES = 4096;
/** What a peer may send until it is let in, and what partial messages may hold then. */
export const LIMITS_BEFORE_ACCEPT: ChunkLimits = { maxMessageBytes: 65_536, maxPartialBytes: 131_072 };
/** The hub's largest frame and some for its headers; a key frame and other partial messages beside it. */
export const LIMITS_AFTER_ACCEPT: ChunkLimits = { maxMessageBytes: 8_454_144, maxPartialBytes: 12_582_912 };

/** Audio, video or script data (AMF0), with the timestamp of RTMP: the same body as an FLV tag. `payload` is valid during the call. */
export interface RtmpMedia {
  readonly streamId: number;
  readonly type: 8 | 9 | 18;
  /** ms, uint32: wraps. */
  readonly timestamp: number;
  readonly payload: Uint8Array;
}

/** What a connection tells the session that it belongs to. */
export interface ConnectionEvents {
  handshakeDone(): void;
  command(streamId: number, command: Command): void;
  media(media: RtmpMedia): void;
  /** The peer's Acknowledgement: bytes it has received since the connection began. */
  acknowledged(bytes: number): void;
  userControl(event: number, value: number): void;
}

/** What both sides of RTMP have in common: handshake, chunks, acknowledgements, pings. Bytes in, events and bytes out. */
export class RtmpConnection {
  readonly out: Outbox;
  readonly #events: ConnectionEvents;
  readonly #demuxer: ChunkDemuxer;
  #handshake: ParserDriver | undefined;
  #isClosed = false;
  #bytesIn = 0;
  #acknowledgedIn = 0;
  #ackWindow = DEFAULT_ACK_WINDOW_BYTES;
  #bytesAcknowledged = 0;
  #lastSequence = 0;
  #announcedWindow = 0;

  /** `handshake` is `serverHandshake` or `clientHandshake`; the latter writes at once. */
  constructor(options: {
    handshake: (send: (bytes: Uint8Array) => void) => Parser;
    send: (bytes: Uint8Array) => void;
    limits: ChunkLimits;
    events: ConnectionEvents;
  }) {
    this.out = new Outbox(options.send);
    this.#events = options.events;
    this.#demuxer = new ChunkDemuxer((message) => this.#message(message), options.limits);
    this.#handshake = new ParserDriver(options.handshake(options.send), { format: "rtmp", maxAskBytes: HANDSHAKE_BYTES });
  }

  set limits(limits: ChunkLimits) {
    this.#demuxer.limits = limits;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** After this nothing is read any more. */
  close(): void {
    this.out.flush();
    this.#isClosed = true;
  }

  /** Reads on; `bytes` are not kept. What it throws ends the connection. */
  push(bytes: Uint8Array): void {
    if (this.#isClosed) return;
    try {
      this.#bytesIn += bytes.length;
      if (this.#handshake) this.#shakeHands(this.#handshake, bytes);
      else this.#demuxer.push(bytes);
      this.#acknowledge();
    } finally {
      this.out.flush();
    }
  }

  /** Tells the peer after how many bytes to acknowledge. */
  announceWindow(bytes: number): void {
    this.#announcedWindow = bytes;
    this.out.control(MessageType.windowAckSize, bytes);
  }

  #shakeHands(handshake: ParserDriver, bytes: Uint8Array): void {
    handshake.push(bytes.slice());
    if (!handshake.isDone) return;
    this.#handshake = undefined;
    this.#events.handshakeDone();
    this.#demuxer.push(handshake.rest());
  }

  #acknowledge(): void {
    if (this.#handshake || this.#bytesIn - this.#acknowledgedIn < this.#ackWindow) return;
    this.#acknowledgedIn = this.#bytesIn;
    this.out.control(MessageType.acknowledgement, this.#bytesIn >>> 0);
  }

  #message(message: RtmpMessage): void {
    if (this.#isClosed) return;
    const { type, streamId, timestamp, payload } = message;
    if (type === MessageType.audio || type === MessageType.video || type === MessageType.dataAmf0)
      this.#events.media({ streamId, type, timestamp, payload });
    else if (type === MessageType.dataAmf3)
      this.#events.media({ streamId, type: MessageType.dataAmf0, timestamp, payload: withoutFormatByte(payload) });
    else if (type === MessageType.commandAmf0) this.#events.command(streamId, readCommand(payload));
    else if (type === MessageType.commandAmf3) this.#events.command(streamId, readCommand(withoutFormatByte(payload)));
    else if (type === MessageType.aggregate) this.#aggregate(message);
    else this.#control(type, payload);
  }

  #control(type: number, payload: Uint8Array): void {
    if (type === MessageType.acknowledgement) this.#acknowledged(readControlNumber(payload, "Acknowledgement"));
    else if (type === MessageType.windowAckSize) this.#setWindow(readControlNumber(payload, "Window Acknowledgement Size"));
    else if (type === MessageType.setPeerBandwidth) this.#setBandwidth(readControlNumber(payload, "Set Peer Bandwidth"));
    else if (type === MessageType.userControl) this.#userControl(payload);
    // Others are shared objects and inventions of single makers: nothing for a live server.
  }

  #acknowledged(sequence: number): void {
    const step = (sequence - this.#lastSequence) | 0;
    if (step < 0) return; // a number that runs backwards says nothing
    this.#lastSequence = sequence;
    this.#bytesAcknowledged += step;
    this.#events.acknowledged(this.#bytesAcknowledged);
  }

  #setWindow(bytes: number): void {
    this.#ackWindow = Math.max(bytes, MIN_ACK_WINDOW_BYTES);
  }

  /** RTMP 1.0 §5.4.5: answered with the window if it differs from the one that we said last. */
  #setBandwidth(bytes: number): void {
    if (bytes !== this.#announcedWindow) this.announceWindow(bytes);
  }

  #userControl(payload: Uint8Array): void {
    const { event, value } = readUserControl(payload);
    if (event === UserControlEvent.pingRequest) this.out.userControl(UserControlEvent.pingResponse, value);
    else this.#events.userControl(event, value);
  }

  /** RTMP 1.0 §7.1.6: FLV tags in one message. Only the differences of their times count; the first has the time of the message. */
  #aggregate({ streamId, timestamp: base, payload }: RtmpMessage): void {
    const reader = new ByteReader(payload, "rtmp aggregate");
    let first: number | undefined;
    while (reader.remaining > 0 && !this.#isClosed) {
      const type = reader.u8();
      const length = reader.u24();
      const time = (reader.u24() | (reader.u8() << 24)) >>> 0;
      reader.skip(3); // stream id
      const data = reader.take(length);
      if (reader.remaining > 0) reader.skip(4); // back pointer; some leave out the last
      first ??= time;
      const timestamp = (base + time - first) >>> 0;
      if (type === 8 || type === 9 || type === 18) this.#events.media({ streamId, type, timestamp, payload: data });
    }
  }
}

/** AMF3 messages begin with a byte 0 and are AMF0 behind it, with AMF3 where a value says so. Some peers leave the byte out. */
function withoutFormatByte(payload: Uint8Array): Uint8Array {
  return payload[0] === 0 ? payload.subarray(1) : payload;
}

/** Media that nobody asked for, until publish is accepted or after it has ended: dropped, but not without end. */
export class DroppedMedia {
  readonly #maxBytes: number;
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  drop(media: RtmpMedia): void {
    this.#bytes += media.payload.length;
    if (this.#bytes > this.#maxBytes)
      throw new LimitError(`rtmp: more than ${this.#maxBytes} bytes of media for no published stream`);
  }

  reset(): void {
    this.#bytes = 0;
  }
}

/** For calls after the end. */
export function closedError(): ProtocolError {
  return new ProtocolError("rtmp: the session is closed", { code: "closed" });
}
