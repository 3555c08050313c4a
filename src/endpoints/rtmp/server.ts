import type { Socket } from "node:net";
import { describeError, MediaError } from "../../base/media-error.ts";
import { LIMITS_AFTER_ACCEPT } from "../../protocols/rtmp/connection.ts";
import { type PlayRequest, type PublishRequest, RtmpServerSession } from "../../protocols/rtmp/server-session.ts";
import type { EndpointContext } from "../context.ts";
import { peerAddress } from "../tcp/peer-address.ts";
import { closeSignal, ignoreErrors } from "../tcp/socket-sink.ts";
import { rtmpCrypto } from "./crypto.ts";
import { RtmpPlay } from "./play.ts";
import { RtmpPublish } from "./publish.ts";

/** What an RTMP message has besides its frame. */
const MESSAGE_OVERHEAD_BYTES = 64 * 1024;

/** One thing a connection does on one of its message streams. */
interface Activity {
  close(): void;
}

/** The RTMP port: one session per connection, with any number of publishes and plays on it. */
export class RtmpEndpoint {
  readonly #context: EndpointContext;

  constructor(context: EndpointContext) {
    this.#context = context;
  }

  /** Takes over an accepted connection. */
  accept(socket: Socket): void {
    ignoreErrors(socket);
    socket.setNoDelay(true);
    new RtmpConnectionTask(this.#context, socket);
  }
}

class RtmpConnectionTask {
  readonly #context: EndpointContext;
  readonly #socket: Socket;
  readonly #session: RtmpServerSession;
  readonly #signal: AbortSignal;
  readonly #publishes = new Map<number, RtmpPublish>();
  readonly #plays = new Map<number, RtmpPlay>();
  readonly #deadline: NodeJS.Timeout;

  constructor(context: EndpointContext, socket: Socket) {
    this.#context = context;
    this.#socket = socket;
    this.#signal = closeSignal(socket);
    // A connection that neither publishes nor plays by then has no business here.
    this.#deadline = setTimeout(() => this.#checkDeadline(), context.handshakeTimeoutMs);
    const maxMessageBytes = context.maxFrameBytes + MESSAGE_OVERHEAD_BYTES;
    this.#session = new RtmpServerSession({
      crypto: rtmpCrypto,
      send: (bytes) => socket.writable && socket.write(bytes),
      limits: { afterAccept: { ...LIMITS_AFTER_ACCEPT, maxMessageBytes } },
      handler: {
        connect: () => this.#session.acceptConnect(),
        publish: (request) => this.#publish(request),
        play: (request) => this.#play(request),
        media: (media) => this.#publishes.get(media.streamId)?.take(media),
        pause: (streamId, isPaused) => this.#plays.get(streamId)?.pause(isPaused),
        receiveAudio: (streamId, isOn) => this.#plays.get(streamId)?.receive("audio", isOn),
        receiveVideo: (streamId, isOn) => this.#plays.get(streamId)?.receive("video", isOn),
        closeStream: (streamId) => this.#closeStream(streamId),
        acknowledged() {},
      },
    });
    socket.on("data", (bytes) => this.#read(bytes));
    socket.on("close", () => this.#closed());
  }

  #read(bytes: Uint8Array): void {
    try {
      this.#session.push(bytes);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Ends this connection alone, with one line that says why. */
  #fail(error: unknown): void {
    const isExpected = error instanceof MediaError;
    const reason = describeError(error);
    this.#context.logger[isExpected ? "warn" : "error"](
      { from: peerAddress(this.#socket), protocol: "rtmp", reason },
      "connection ended",
    );
    for (const publish of this.#publishes.values()) publish.fail(reason);
    this.#socket.destroy();
  }

  #publish({ streamId, app, name, query }: PublishRequest): void {
    const remoteAddress = peerAddress(this.#socket);
    const request = { app, name, query, protocol: "rtmp", remoteAddress };
    const publish = new RtmpPublish(this.#context, this.#session, streamId, request, this.#socket);
    this.#closeStream(streamId);
    this.#publishes.set(streamId, publish);
    void publish.start(this.#signal);
  }

  #play({ streamId, app, name, query }: PlayRequest): void {
    const remoteAddress = peerAddress(this.#socket);
    const play = new RtmpPlay(
      this.#context,
      this.#session,
      streamId,
      { app, name, query, protocol: "rtmp", remoteAddress },
      this.#socket,
    );
    this.#closeStream(streamId);
    this.#plays.set(streamId, play);
    void play.start(this.#signal);
  }

  #closeStream(streamId: number): void {
    const activities: (Activity | undefined)[] = [this.#publishes.get(streamId), this.#plays.get(streamId)];
    this.#publishes.delete(streamId);
    this.#plays.delete(streamId);
    for (const activity of activities) activity?.close();
    this.#deadline.refresh();
  }

  #checkDeadline(): void {
    if (this.#publishes.size > 0 || this.#plays.size > 0) return;
    this.#context.logger.debug({ from: peerAddress(this.#socket), protocol: "rtmp" }, "connection did nothing in time");
    this.#socket.destroy();
  }

  #closed(): void {
    clearTimeout(this.#deadline);
    this.#session.close();
    for (const streamId of new Set([...this.#publishes.keys(), ...this.#plays.keys()])) this.#closeStream(streamId);
    clearTimeout(this.#deadline);
  }
}
