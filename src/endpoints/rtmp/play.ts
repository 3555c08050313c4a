import type { Socket } from "node:net";
import { describeError, MediaError } from "../../base/media-error.ts";
import type { Cursor, EndReason, Sink } from "../../hub/cursor.ts";
import type { StreamRequest } from "../../hub/hub.ts";
import type { JoinPoint } from "../../hub/rendition.ts";
import type { Stream } from "../../hub/stream.ts";
import type { Format } from "../../media/muxer.ts";
import { rtmpFormat } from "../../protocols/rtmp/rtmp-muxer.ts";
import type { RtmpServerSession } from "../../protocols/rtmp/server-session.ts";
import { StatusCode } from "../../protocols/rtmp/status.ts";
import type { EndpointContext } from "../context.ts";
import { closeSocket, endSocket, gatherWrites } from "../tcp/socket-sink.ts";

type Selection = "av" | "audio" | "video";

const FORMATS: Readonly<Record<Selection, Format>> = {
  av: rtmpFormat("av"),
  audio: rtmpFormat("audio"),
  video: rtmpFormat("video"),
};

/** The message stream id stands in every message: a second play on a connection has bytes of its own. */
function formatOfStream(select: Selection, streamId: number): Format {
  const { name, createMuxer } = rtmpFormat(select, { streamId });
  return { name: `${name}#${streamId}`, createMuxer };
}

/** One play on one message stream. */
export class RtmpPlay {
  readonly #context: EndpointContext;
  readonly #session: RtmpServerSession;
  readonly #streamId: number;
  readonly #request: StreamRequest;
  readonly #socket: Socket;
  readonly #wanted = { audio: true, video: true };
  #stream: Stream | undefined;
  #cursor: Cursor | undefined;
  #isClosed = false;

  constructor(context: EndpointContext, session: RtmpServerSession, streamId: number, request: StreamRequest, socket: Socket) {
    this.#context = context;
    this.#session = session;
    this.#streamId = streamId;
    this.#request = request;
    this.#socket = socket;
  }

  async start(signal: AbortSignal): Promise<void> {
    try {
      const stream = await this.#context.hub.find(this.#request, () => signal);
      if (this.#isClosed || !this.#session.acceptPlay(this.#streamId)) return;
      this.#stream = stream;
      if (!this.#context.noDelay) gatherWrites(this.#socket);
      this.#view("newest-gop");
    } catch (error) {
      this.#refuse(error);
    }
  }

  pause(isPaused: boolean): void {
    const cursor = this.#cursor;
    if (isPaused) cursor?.rendition.pause(cursor);
    else cursor?.rendition.resume(cursor);
  }

  /** `receiveAudio` and `receiveVideo`: another selection goes on where this one is. */
  receive(kind: "audio" | "video", isOn: boolean): void {
    if (this.#wanted[kind] === isOn) return;
    this.#wanted[kind] = isOn;
    this.#leave();
    this.#view(kind === "video" && isOn ? "next-gop" : "head");
  }

  close(): void {
    this.#isClosed = true;
    this.#leave();
  }

  #view(from: JoinPoint): void {
    const { audio, video } = this.#wanted;
    if (!this.#stream || this.#isClosed || (!audio && !video)) return;
    const select: Selection = audio && video ? "av" : audio ? "audio" : "video";
    const format = this.#streamId === 1 ? FORMATS[select] : formatOfStream(select, this.#streamId);
    this.#cursor = this.#stream.view({ format, sink: this.#sink(), protocol: "rtmp", from });
  }

  #leave(): void {
    const cursor = this.#cursor;
    this.#cursor = undefined;
    cursor?.end("peer left");
  }

  #sink(): Sink {
    const socket = this.#socket;
    return {
      get pendingBytes() {
        return socket.writableLength;
      },
      write: (bytes) => socket.write(bytes),
      end: (reason) => this.#end(reason),
    };
  }

  #end(reason: EndReason): void {
    this.#isClosed = true;
    if (reason === "server stopping") this.#session.requestReconnect(reason);
    this.#session.endPlay(this.#streamId, reason);
    closeSocket(this.#socket, reason);
  }

  #refuse(error: unknown): void {
    this.#isClosed = true;
    if (this.#socket.destroyed) return;
    const { app, name } = this.#request;
    const isExpected = error instanceof MediaError;
    const reason = describeError(error);
    if (!isExpected) this.#context.logger.error({ stream: `${app}/${name}`, reason }, "play failed");
    const isMissing = isExpected && (error.code === "not-found" || error.code === "bad-name");
    this.#session.rejectPlay(this.#streamId, isMissing ? StatusCode.playStreamNotFound : StatusCode.playFailed, reason);
    endSocket(this.#socket);
  }
}
