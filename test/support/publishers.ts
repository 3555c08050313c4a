import { request } from "node:http";
import { connect, type Socket } from "node:net";
import { ByteWriter } from "../../src/bytes/byte-writer.ts";
import { rtmpCrypto } from "../../src/endpoints/rtmp/crypto.ts";
import { type MessageHeader, maxChunkedBytes, writeMessage } from "../../src/protocols/rtmp/chunk-writer.ts";
import { RtmpClientSession } from "../../src/protocols/rtmp/client-session.ts";
import { MessageType, RTMP_OUT_CHUNK_SIZE } from "../../src/protocols/rtmp/messages.ts";
import { until, within } from "./deadline.ts";
import { readFlv, type Tag } from "./flv-reader.ts";
import { type SampleName, sampleBytes } from "./samples.ts";

/** An RTMP connection that publishes what it is told to. `using` breaks the connection. */
export class RtmpPublisher implements Disposable {
  /** What the server said when it refused or ended the publish. */
  end: { code: string; description: string } | undefined;
  isClosed = false;
  readonly socket: Socket;
  readonly #session: RtmpClientSession;
  readonly #ready = Promise.withResolvers<void>();
  /** Set by `setChunkSize`: then the session's own size is no longer in force. */
  #chunkSize: number | undefined;

  constructor(port: number, stream: string) {
    const [app = "", name = ""] = stream.split("/");
    this.socket = connect(port, "127.0.0.1");
    this.socket.setNoDelay(true);
    this.#session = new RtmpClientSession({
      crypto: rtmpCrypto,
      target: { mode: "publish", app, name, tcUrl: `rtmp://127.0.0.1:${port}/${app}` },
      send: (bytes) => this.socket.write(bytes),
      handler: {
        ready: () => this.#ready.resolve(),
        media() {},
        ended: ({ code, description }) => {
          this.end = { code, description };
          this.#ready.reject(new Error(`${code}: ${description}`));
        },
      },
    });
    this.#ready.promise.catch(() => {});
    this.socket.on("data", (bytes) => this.#session.push(bytes));
    this.socket.on("error", () => {});
    this.socket.on("close", () => {
      this.isClosed = true;
      this.#ready.reject(new Error("the connection closed"));
    });
  }

  /** Resolves when publishing has been accepted, and rejects with the server's code and words when not. */
  async ready(deadlineMs = 10_000): Promise<void> {
    await within(this.#ready.promise, deadlineMs, "publish is accepted");
  }

  /** Sends one message; false when the connection is gone. */
  send({ type, timestamp, data }: Tag): boolean {
    if (this.isClosed || this.end) return false;
    if (this.#chunkSize !== undefined) this.#sendInChunks({ type, timestamp, data }, this.#chunkSize);
    else if (type === 8 || type === 9 || type === 18) this.#session.sendMedia({ type, timestamp, payload: data });
    return true;
  }

  /** From now on messages are cut into chunks of this size. */
  setChunkSize(size: number): void {
    const w = new ByteWriter(16);
    w.u32(size);
    this.#write(
      { chunkStreamId: 2, type: MessageType.setChunkSize, streamId: 0, timestamp: 0 },
      w.toBytes(),
      RTMP_OUT_CHUNK_SIZE,
    );
    this.#chunkSize = size;
  }

  sendAll(tags: readonly Tag[]): void {
    for (const tag of tags) this.send(tag);
  }

  /** Ends in order. */
  finish(): void {
    this.#session.close();
    this.socket.end();
  }

  async closed(deadlineMs = 10_000): Promise<void> {
    await until("the publisher's connection is closed", () => this.isClosed, deadlineMs);
  }

  [Symbol.dispose](): void {
    this.socket.destroy();
  }

  #sendInChunks({ type, timestamp, data }: Tag, chunkSize: number): void {
    this.#write({ chunkStreamId: 4 + (type % 4), type, streamId: this.#session.streamId, timestamp }, data, chunkSize);
  }

  #write(header: MessageHeader, payload: Uint8Array, chunkSize: number): void {
    const w = ByteWriter.over(new Uint8Array(maxChunkedBytes(payload.length, chunkSize)));
    writeMessage(w, header, payload, chunkSize);
    this.socket.write(w.written());
  }
}

/** The tags of a sample. */
export async function sampleTags(name: SampleName): Promise<Tag[]> {
  return readFlv(await sampleBytes(name));
}

/** How often a live publisher looks at the clock. */
const PACE_MS = 10;

export interface LiveOptions {
  readonly sample?: SampleName;
  /** What the encoder's clock says at its start. */
  readonly firstTimestamp?: number;
  /** How many ms of media in one of time. */
  readonly speed?: number;
}

/** Publishes a sample over and over at its own pace, with times that go on. `using` breaks the connection. */
export class LivePublisher implements Disposable {
  readonly rtmp: RtmpPublisher;
  readonly #tags: readonly Tag[];
  readonly #loopMs: number;
  readonly #startMs = performance.now();
  readonly #timer: NodeJS.Timeout;
  readonly #firstTimestamp: number;
  readonly #speed: number;
  #next = 0;
  #loops = 0;

  private constructor(rtmp: RtmpPublisher, tags: readonly Tag[], { firstTimestamp = 0, speed = 1 }: LiveOptions) {
    this.rtmp = rtmp;
    this.#tags = tags;
    this.#firstTimestamp = firstTimestamp;
    this.#speed = speed;
    this.#loopMs = Math.max(...tags.map((tag) => tag.timestamp)) + 40;
    this.#timer = setInterval(() => this.#sendDue(), PACE_MS);
    this.#sendDue();
  }

  /** Resolves when the server has accepted. */
  static async start(port: number, stream: string, options: LiveOptions = {}): Promise<LivePublisher> {
    const tags = await sampleTags(options.sample ?? "short-gops.flv");
    const rtmp = new RtmpPublisher(port, stream);
    await rtmp.ready();
    return new LivePublisher(rtmp, tags, options);
  }

  /** Ends in order. */
  finish(): void {
    clearInterval(this.#timer);
    this.rtmp.finish();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.rtmp[Symbol.dispose]();
  }

  #sendDue(): void {
    const nowMs = (performance.now() - this.#startMs) * this.#speed;
    for (;;) {
      const tag = this.#tags[this.#next]!;
      const atMs = this.#loops * this.#loopMs + tag.timestamp;
      if (atMs > nowMs || !this.rtmp.send({ ...tag, timestamp: (this.#firstTimestamp + atMs) >>> 0 })) return;
      this.#next = (this.#next + 1) % this.#tags.length;
      if (this.#next === 0) this.#loops++;
    }
  }
}

export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** One HTTP request with a whole body, on a connection of its own. */
export function send(
  method: string,
  url: string,
  body: Uint8Array | string = "",
  headers: Record<string, string> = {},
): Promise<HttpAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<HttpAnswer>();
  const outgoing = request(url, { method, agent: false, headers }, (response) => {
    let text = "";
    response.on("data", (bytes: Buffer) => {
      text += bytes.toString("latin1");
    });
    response.on("end", () => resolve({ status: response.statusCode ?? 0, body: text, headers: response.headers }));
    response.on("error", reject);
  });
  outgoing.on("error", reject);
  outgoing.end(body);
  return within(promise, 15_000, `${method} ${url}`);
}
