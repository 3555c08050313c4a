import { randomBytes } from "node:crypto";
import { MediaError } from "../../base/media-error.ts";
import { rtmpCrypto } from "../../endpoints/rtmp/crypto.ts";
import { RtmpClientSession } from "../../protocols/rtmp/client-session.ts";
import { WebSocketFrameParser } from "../../protocols/websocket/frame-parser.ts";
import { writeFrame } from "../../protocols/websocket/frame-writer.ts";
import { OPCODE_PONG } from "../../protocols/websocket/opcode.ts";
import { ChunkedBody } from "./chunked-body.ts";
import { FlvReader, readFlvBody } from "./flv-reader.ts";
import type { LoadClock } from "./load-clock.ts";
import { type LoadTarget, rtmpNames } from "./load-target.ts";
import type { MediaReader } from "./media-reader.ts";
import type { MediaTally } from "./media-tally.ts";
import { TsReader } from "./ts-reader.ts";

/** Body bytes that are more than any file header: from here on a viewer has media. */
const FIRST_MEDIA_BYTES = 64;
const MAX_RESPONSE_HEAD_BYTES = 16_384;
/** What is shown of a refusal's body. */
const MAX_REASON_LENGTH = 200;
const MAX_MESSAGE_BYTES = 65_536;

export interface SessionEvents {
  send(bytes: Uint8Array | string): void;
  /** The first media has come. */
  media(): void;
  /** The server said no, or something that makes no sense. */
  refused(why: string): void;
}

/** The protocol of one viewer: asks for the stream and hands what comes to a reader. */
export interface ViewerSession {
  /** The connection stands. */
  open(): void;
  /** `bytes` are not kept. */
  push(bytes: Uint8Array): void;
}

export function createSession(target: LoadTarget, tally: MediaTally, clock: LoadClock, events: SessionEvents): ViewerSession {
  return target.protocol === "rtmp" ? new RtmpSession(target, tally, events) : new HttpSession(target, tally, clock, events);
}

/** GET of an endless response, plain or behind an upgrade to WebSocket. */
class HttpSession implements ViewerSession {
  readonly #target: LoadTarget;
  readonly #tally: MediaTally;
  readonly #clock: LoadClock;
  readonly #events: SessionEvents;
  #head = "";
  #body: MediaReader | undefined;
  #bodyBytes = 0;

  constructor(target: LoadTarget, tally: MediaTally, clock: LoadClock, events: SessionEvents) {
    this.#target = target;
    this.#tally = tally;
    this.#clock = clock;
    this.#events = events;
  }

  get #isWebSocket(): boolean {
    return this.#target.protocol.startsWith("ws-");
  }

  open(): void {
    const { path, host, port } = this.#target;
    const lines = [`GET ${path} HTTP/1.1`, `Host: ${host}:${port}`, "User-Agent: sluice-load", "Accept: */*"];
    if (this.#isWebSocket) {
      const key = randomBytes(16).toString("base64");
      lines.push("Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13", `Sec-WebSocket-Key: ${key}`);
    }
    this.#events.send(`${lines.join("\r\n")}\r\n\r\n`);
  }

  push(bytes: Uint8Array): void {
    let body = bytes;
    if (!this.#body) {
      const rest = this.#readHead(bytes);
      if (!rest) return;
      body = rest;
    }
    if (body.length === 0) return;
    const before = this.#bodyBytes;
    this.#bodyBytes += body.length;
    if (before < FIRST_MEDIA_BYTES && this.#bodyBytes >= FIRST_MEDIA_BYTES) this.#events.media();
    this.#body?.push(body);
  }

  /** What lies behind the response head; undefined until it is complete, and when it is a refusal. */
  #readHead(bytes: Uint8Array): Uint8Array | undefined {
    const before = this.#head.length;
    this.#head += Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
    const end = this.#head.indexOf("\r\n\r\n");
    if (end < 0) {
      if (this.#head.length > MAX_RESPONSE_HEAD_BYTES) this.#events.refused("http: no end of the response head");
      return undefined;
    }
    const head = this.#head.slice(0, end);
    const status = Number(/^HTTP\/1\.\d (\d{3})/.exec(head)?.[1]);
    if (status !== (this.#isWebSocket ? 101 : 200)) {
      this.#events.refused(`${head.split("\r\n")[0]} ${this.#head.slice(end + 4, end + 4 + MAX_REASON_LENGTH)}`.trimEnd());
      return undefined;
    }
    this.#head = "";
    this.#body = this.#createBody(head);
    return bytes.subarray(end + 4 - before);
  }

  #createBody(head: string): MediaReader {
    const isTs = this.#target.protocol.endsWith("ts");
    const media = isTs ? new TsReader(this.#tally, this.#clock) : new FlvReader(this.#tally);
    if (this.#isWebSocket) return new WebSocketBody(media, this.#tally, this.#events);
    return /^transfer-encoding:\s*chunked\s*$/im.test(head) ? new ChunkedBody(media, this.#tally) : media;
  }
}

/** Takes the frames of a WebSocket off. */
class WebSocketBody implements MediaReader {
  readonly #parser: WebSocketFrameParser;
  readonly #tally: MediaTally;
  #isBroken = false;

  constructor(next: MediaReader, tally: MediaTally, events: SessionEvents) {
    this.#tally = tally;
    const handler = {
      binary: (bytes: Uint8Array) => next.push(bytes),
      text() {},
      ping: (payload: Uint8Array) => events.send(writeFrame(OPCODE_PONG, payload, randomBytes(4))),
      pong() {},
      close() {},
    };
    this.#parser = new WebSocketFrameParser(handler, { role: "client", binary: "stream", maxMessageBytes: MAX_MESSAGE_BYTES });
  }

  push(bytes: Uint8Array): void {
    if (this.#isBroken) return;
    try {
      this.#parser.push(bytes);
    } catch (error) {
      if (!(error instanceof MediaError)) throw error;
      this.#isBroken = true;
      this.#tally.framingError(error.message);
    }
  }
}

class RtmpSession implements ViewerSession {
  readonly #tally: MediaTally;
  readonly #events: SessionEvents;
  readonly #target: LoadTarget;
  #session: RtmpClientSession | undefined;
  #hasMedia = false;

  constructor(target: LoadTarget, tally: MediaTally, events: SessionEvents) {
    this.#target = target;
    this.#tally = tally;
    this.#events = events;
  }

  open(): void {
    this.#session = new RtmpClientSession({
      crypto: rtmpCrypto,
      target: { mode: "play", ...rtmpNames(this.#target) },
      send: (bytes) => this.#events.send(bytes),
      handler: {
        ready() {},
        media: ({ type, timestamp, payload }) => {
          if (!this.#hasMedia && type !== 18) {
            this.#hasMedia = true;
            this.#events.media();
          }
          readFlvBody(type, timestamp, payload, this.#tally);
        },
        ended: ({ code, description }) => this.#events.refused(`rtmp: ${code} ${description}`.trimEnd()),
      },
    });
  }

  push(bytes: Uint8Array): void {
    try {
      this.#session?.push(bytes);
    } catch (error) {
      if (!(error instanceof MediaError)) throw error;
      this.#session = undefined;
      this.#tally.framingError(error.message);
    }
  }
}
