import type { Socket } from "node:net";
import { describeError, MediaError } from "../../base/media-error.ts";
import { FlvTagDemuxer } from "../../containers/flv/tag-demuxer.ts";
import type { Publication, StreamRequest } from "../../hub/hub.ts";
import type { RtmpMedia } from "../../protocols/rtmp/connection.ts";
import type { RtmpServerSession } from "../../protocols/rtmp/server-session.ts";
import { StatusCode } from "../../protocols/rtmp/status.ts";
import type { EndpointContext } from "../context.ts";
import { endSocket } from "../tcp/socket-sink.ts";
import { wallClockMs } from "../wall-clock.ts";

/** One publish on one message stream: messages become frames. The same body as an FLV tag's is in them. */
export class RtmpPublish {
  readonly #context: EndpointContext;
  readonly #session: RtmpServerSession;
  readonly #streamId: number;
  readonly #request: StreamRequest;
  readonly #socket: Socket;
  #publication: Publication | undefined;
  #demuxer: FlvTagDemuxer | undefined;
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
      const publication = await this.#context.hub.publish(this.#request, signal);
      if (this.#isClosed) publication.end("the publisher stopped");
      else this.#accept(publication);
    } catch (error) {
      this.#refuse(error);
    }
  }

  /** Takes a message. Throws MediaError on bytes that are no media, or unsupported. */
  take(media: RtmpMedia): void {
    this.#demuxer?.read({ type: media.type, timestamp: media.timestamp, data: media.payload });
  }

  /** The publisher stopped or left. */
  close(): void {
    this.fail("the publisher stopped");
  }

  fail(reason: string): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#socket.setTimeout(0);
    this.#publication?.end(reason);
    this.#publication = this.#demuxer = undefined;
  }

  #accept(publication: Publication): void {
    this.#publication = publication;
    this.#demuxer = new FlvTagDemuxer(publication.sink, { now: wallClockMs });
    publication.revoked.addEventListener("abort", () => this.#revoke(publication.revoked.reason), { once: true });
    const { publishIdleTimeoutMs } = this.#context;
    this.#socket.setTimeout(publishIdleTimeoutMs, () => {
      this.fail(`no bytes for ${publishIdleTimeoutMs} ms`);
      this.#socket.destroy();
    });
    this.#session.acceptPublish(this.#streamId);
  }

  #revoke(reason: unknown): void {
    if (this.#isClosed) return;
    this.fail(describeError(reason));
    if (reason instanceof MediaError && reason.code === "stopping") this.#session.requestReconnect(reason.message);
    this.#session.endPublish(this.#streamId, StatusCode.publishBadName, describeError(reason));
    endSocket(this.#socket);
  }

  #refuse(error: unknown): void {
    const { app, name, remoteAddress, protocol } = this.#request;
    const isExpected = error instanceof MediaError;
    const reason = describeError(error);
    this.#isClosed = true;
    if (this.#socket.destroyed) return;
    this.#context.logger[isExpected ? "warn" : "error"](
      { stream: `${app}/${name}`, from: remoteAddress, protocol, reason },
      "publish refused",
    );
    this.#session.rejectPublish(this.#streamId, StatusCode.publishBadName, isExpected ? reason : "internal error");
    endSocket(this.#socket);
  }
}
