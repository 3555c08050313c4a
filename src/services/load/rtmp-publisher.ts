import { connect, type Socket } from "node:net";
import { MediaError, PeerClosed, ProtocolError } from "../../base/media-error.ts";
import { ByteWriter } from "../../bytes/byte-writer.ts";
import { rtmpCrypto } from "../../endpoints/rtmp/crypto.ts";
import { maxChunkedBytes, writeMessage } from "../../protocols/rtmp/chunk-writer.ts";
import { RtmpClientSession } from "../../protocols/rtmp/client-session.ts";
import { ChunkStreamId, RTMP_OUT_CHUNK_SIZE } from "../../protocols/rtmp/messages.ts";
import { type LoadTarget, rtmpNames } from "./load-target.ts";
import type { MediaBody, SyntheticStream } from "./synthetic-stream.ts";

const CONNECT_TIMEOUT_MS = 10_000;
const FIRST_BUFFER_BYTES = 65_536;
/** A server that takes nothing gets frames dropped beyond this, so that the publisher's memory stays bounded. */
const MAX_WAITING_BYTES = 8 * 1024 * 1024;

/** Publishes a synthetic stream over RTMP at its own pace. */
export class RtmpPublisher {
  /** Resolves when the server has accepted the stream, rejects when it refuses. */
  readonly ready: Promise<void>;
  videoSent = 0;
  audioSent = 0;
  bytesSent = 0;
  dropped = 0;
  /** Why it ended before it was stopped. */
  failure: string | undefined;
  readonly #stream: SyntheticStream;
  readonly #socket: Socket;
  readonly #session: RtmpClientSession;
  #streamId = 0;
  #startMs = 0;
  /** Messages are written here and given to the kernel at once; replaced when it did not take all. */
  #writer = ByteWriter.over(new Uint8Array(FIRST_BUFFER_BYTES));

  constructor(target: LoadTarget, address: string, stream: SyntheticStream) {
    this.#stream = stream;
    const accepted = Promise.withResolvers<void>();
    this.ready = accepted.promise;
    const fail = (error: MediaError): void => {
      this.failure ??= error.message;
      accepted.reject(error);
      this.#socket.destroy();
    };
    this.#socket = connect({ host: address, port: target.port, noDelay: true, timeout: CONNECT_TIMEOUT_MS });
    this.#session = new RtmpClientSession({
      crypto: rtmpCrypto,
      target: { mode: "publish", ...rtmpNames(target) },
      send: (bytes) => this.#socket.write(bytes),
      handler: {
        ready: (streamId) => {
          this.#streamId = streamId;
          this.#socket.setTimeout(0);
          accepted.resolve();
        },
        media() {},
        ended: ({ code, description }) => fail(new ProtocolError(`publish refused: ${code} ${description}`.trimEnd())),
      },
    });
    this.#socket.on("data", (bytes) => this.#read(bytes, fail));
    this.#socket.on("timeout", () => fail(new MediaError("the server does not answer", { code: "timeout" })));
    this.#socket.on("error", (cause) => fail(new MediaError(cause.message, { code: "connect", cause })));
    this.#socket.once("close", () => fail(new PeerClosed("the server closed the connection")));
  }

  /** The stream's time 0, wall clock ms, and what comes before its first frame. */
  start(startMs: number): void {
    this.#startMs = startMs;
    for (const body of this.#stream.start()) this.#send(body, 0);
  }

  /** When the next frame is due; infinity when the publisher has ended. */
  get nextDueMs(): number {
    if (this.failure !== undefined) return Number.POSITIVE_INFINITY;
    return this.#startMs + Math.min(this.#stream.videoDueMs(this.videoSent), this.#stream.audioDueMs(this.audioSent));
  }

  /** Sends the frame that is due next; `nowMs` is the wall clock, which becomes its stamp. */
  sendNext(nowMs: number): void {
    const videoDueMs = this.#stream.videoDueMs(this.videoSent);
    const audioDueMs = this.#stream.audioDueMs(this.audioSent);
    if (videoDueMs <= audioDueMs) this.#send(this.#stream.video(this.videoSent++, nowMs * 1000), videoDueMs);
    else {
      this.audioSent++;
      this.#send(this.#stream.audio(), audioDueMs);
    }
  }

  /** Tells the server and leaves. */
  stop(): void {
    this.failure ??= "";
    this.#session.close();
    this.#socket.removeAllListeners("close").destroySoon();
  }

  #send({ type, payload }: MediaBody, timestampMs: number): void {
    if (this.#socket.writableLength > MAX_WAITING_BYTES) {
      this.dropped++;
      return;
    }
    const needed = maxChunkedBytes(payload.length, RTMP_OUT_CHUNK_SIZE);
    if (needed > this.#writer.bytes.length) this.#writer = ByteWriter.over(new Uint8Array(needed));
    const w = this.#writer;
    w.offset = 0;
    const chunkStreamId = type === 9 ? ChunkStreamId.video : type === 8 ? ChunkStreamId.audio : ChunkStreamId.data;
    const header = { chunkStreamId, type, streamId: this.#streamId, timestamp: Math.floor(timestampMs) >>> 0 };
    writeMessage(w, header, payload, RTMP_OUT_CHUNK_SIZE);
    this.bytesSent += w.offset;
    this.#socket.write(w.written());
    if (this.#socket.writableLength > 0) this.#writer = ByteWriter.over(new Uint8Array(w.bytes.length));
  }

  #read(bytes: Uint8Array, fail: (error: MediaError) => void): void {
    try {
      this.#session.push(bytes);
    } catch (error) {
      if (!(error instanceof MediaError)) throw error;
      fail(error);
    }
  }
}
