import { type ClientRequest, get, type IncomingHttpHeaders } from "node:http";
import { connect } from "node:net";
import { rtmpCrypto } from "../../src/endpoints/rtmp/crypto.ts";
import { RtmpClientSession } from "../../src/protocols/rtmp/client-session.ts";
import { until } from "./deadline.ts";
import { FlvReader, framesOf, kindOf, type Tag } from "./flv-reader.ts";

/** Somebody who watches: keeps every tag that came. `using` leaves. */
export abstract class Viewer implements Disposable {
  readonly tags: Tag[] = [];
  /** Why it ended: set once it has. */
  end: string | undefined;
  /** Called for every tag. */
  onTag: (tag: Tag) => void = () => {};

  abstract [Symbol.dispose](): void;

  protected take(tag: Tag): void {
    this.tags.push(tag);
    this.onTag(tag);
  }

  /** Waits for frames: 8 audio, 9 video. */
  async frames(count: number, type: 8 | 9 = 9, deadlineMs = 15_000): Promise<Tag[]> {
    return await until(
      `${count} frames`,
      () => {
        const frames = framesOf(this.tags, type);
        if (frames.length >= count) return frames;
        if (this.end !== undefined) throw new Error(`${frames.length} of ${count} frames, then: ${this.end}`);
        return undefined;
      },
      deadlineMs,
    );
  }

  /** Waits for as many more frames as these, from now on. */
  async moreFrames(count: number, type: 8 | 9 = 9, deadlineMs = 15_000): Promise<Tag[]> {
    return await this.frames(framesOf(this.tags, type).length + count, type, deadlineMs);
  }

  async ended(deadlineMs = 15_000): Promise<string> {
    return await until("the viewer is told the end", () => this.end, deadlineMs);
  }
}

/** HTTP-FLV. */
export class HttpViewer extends Viewer {
  status = 0;
  headers: IncomingHttpHeaders = {};
  body = "";
  readonly #request: ClientRequest;

  constructor(url: string) {
    super();
    const reader = new FlvReader((tag) => this.take(tag));
    this.#request = get(url, { agent: false }, (response) => {
      this.status = response.statusCode ?? 0;
      this.headers = response.headers;
      response.on("data", (bytes: Buffer) => {
        if (this.status === 200) reader.push(bytes);
        else this.body += bytes.toString();
      });
      response.on("end", () => this.#ended("end of the response"));
      response.on("error", (error) => this.#ended(error.message));
    });
    this.#request.on("error", (error) => this.#ended(error.message));
  }

  /** Resolves when the head of the response has come. */
  async answered(deadlineMs = 15_000): Promise<number> {
    return await until("an answer", () => this.status || this.#fail(), deadlineMs);
  }

  [Symbol.dispose](): void {
    this.#request.destroy();
  }

  #fail(): undefined {
    if (this.end !== undefined) throw new Error(`no answer: ${this.end}`);
    return undefined;
  }

  #ended(reason: string): void {
    this.end ??= reason;
  }
}

/** WS-FLV. */
export class WebSocketViewer extends Viewer {
  isOpen = false;
  readonly #socket: WebSocket;

  constructor(url: string) {
    super();
    const reader = new FlvReader((tag) => this.take(tag));
    this.#socket = new WebSocket(url);
    this.#socket.binaryType = "arraybuffer";
    this.#socket.onopen = () => {
      this.isOpen = true;
    };
    this.#socket.onmessage = ({ data }) => {
      if (data instanceof ArrayBuffer) reader.push(new Uint8Array(data));
    };
    this.#socket.onclose = ({ code, reason }) => {
      this.end ??= `${code} ${reason}`;
    };
  }

  [Symbol.dispose](): void {
    this.#socket.close();
  }
}

/** RTMP play: messages are kept as the tags that they would be in FLV. */
export class RtmpViewer extends Viewer {
  readonly #socket;
  #isPlaying = false;

  constructor(port: number, stream: string) {
    super();
    const [app = "", name = ""] = stream.split("/");
    this.#socket = connect(port, "127.0.0.1");
    const session = new RtmpClientSession({
      crypto: rtmpCrypto,
      target: { mode: "play", app, name, tcUrl: `rtmp://127.0.0.1:${port}/${app}` },
      send: (bytes) => this.#socket.write(bytes),
      handler: {
        ready: () => {
          this.#isPlaying = true;
        },
        media: ({ type, timestamp, payload }) => this.take({ type, timestamp, data: payload.slice() }),
        ended: ({ code, description }) => {
          this.end ??= `${code} ${description}`;
        },
      },
    });
    this.#socket.on("data", (bytes) => session.push(bytes));
    this.#socket.on("error", (error) => {
      this.end ??= error.message;
    });
    this.#socket.on("close", () => {
      this.end ??= "the connection closed";
    });
  }

  async playing(deadlineMs = 15_000): Promise<void> {
    await until("play is accepted", () => this.#isPlaying, deadlineMs);
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }
}

/** True when each tag of a kind is stamped later than the one before. */
export function isMonotonic(tags: readonly Tag[]): boolean {
  return tags.every((tag, i) => i === 0 || tag.timestamp > tags[i - 1]!.timestamp);
}

/** The first frame behind position `from` in the list: what a decoder would meet first. */
export function firstFrameAfter(tags: readonly Tag[], from: number): ReturnType<typeof kindOf> | undefined {
  const frame = tags.slice(from).find((tag) => ["key", "delta"].includes(kindOf(tag)));
  return frame && kindOf(frame);
}
