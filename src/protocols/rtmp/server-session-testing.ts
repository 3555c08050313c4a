import { ByteWriter } from "../../bytes/byte-writer.ts";
import type { AmfValue } from "../../containers/amf/amf0.ts";
import { ChunkDemuxer } from "./chunk-demuxer.ts";
import { writeMessage } from "./chunk-writer.ts";
import { readCommand, writeCommand } from "./commands.ts";
import { HANDSHAKE_BYTES } from "./handshake.ts";
import { MessageType, type RtmpMessage } from "./messages.ts";
import { type RtmpServerHandler, RtmpServerSession } from "./server-session.ts";

/** A `connect` object without anything special. */
export const CONNECT = { app: "live", tcUrl: "rtmp://host/live" };

/** For tests: a session behind its handshake, what it says as messages, and what it told the handler. */
export class Peer {
  readonly told: unknown[] = [];
  readonly session: RtmpServerSession;
  readonly sent: RtmpMessage[] = [];
  #skip = 1 + 2 * HANDSHAKE_BYTES;
  readonly #demuxer = new ChunkDemuxer((message) => this.sent.push({ ...message, payload: message.payload.slice() }), {
    maxMessageBytes: 100_000,
    maxPartialBytes: 100_000,
  });

  constructor(handler: (session: () => RtmpServerSession) => Partial<RtmpServerHandler> = accepting) {
    const tell =
      (what: string) =>
      (...values: unknown[]) =>
        void this.told.push([what, ...values]);
    this.session = new RtmpServerSession({
      crypto: { hmacSha256: () => new Uint8Array(32), random: (length) => new Uint8Array(length) },
      send: (bytes) => {
        const skipped = Math.min(this.#skip, bytes.length);
        this.#skip -= skipped;
        this.#demuxer.push(bytes.subarray(skipped));
      },
      handler: {
        connect: tell("connect"),
        publish: tell("publish"),
        play: tell("play"),
        media: (media) => tell("media")({ ...media, payload: media.payload.slice() }),
        pause: tell("pause"),
        receiveAudio: tell("receiveAudio"),
        receiveVideo: tell("receiveVideo"),
        closeStream: tell("closeStream"),
        acknowledged: tell("acknowledged"),
        ...handler(() => this.session),
      },
    });
    this.session.push(new Uint8Array(1 + 2 * HANDSHAKE_BYTES).fill(3, 0, 1));
  }

  message(type: number, streamId: number, payload: Uint8Array, timestamp = 0): this {
    const w = new ByteWriter();
    writeMessage(w, { chunkStreamId: 3, type, streamId, timestamp }, payload, 128);
    this.session.push(w.toBytes());
    return this;
  }

  command(streamId: number, name: string, transactionId: number, ...values: AmfValue[]): this {
    const w = new ByteWriter();
    writeCommand(w, { name, transactionId, values });
    return this.message(MessageType.commandAmf0, streamId, w.toBytes());
  }

  connected(object: AmfValue = CONNECT): this {
    return this.command(0, "connect", 1, object);
  }

  /** What was sent since the last look: commands as [stream, name, transaction, …values], others as [type, hex]. */
  answers(): unknown[] {
    return this.sent.splice(0).map(({ type, streamId, payload }) => {
      if (type !== MessageType.commandAmf0) return [type, Buffer.from(payload).toString("hex")];
      const { name, transactionId, values } = readCommand(payload);
      return [streamId, name, transactionId, ...values];
    });
  }
}

/** A handler that lets everything in at once. */
export const accepting = (session: () => RtmpServerSession): Partial<RtmpServerHandler> => ({
  connect: () => session().acceptConnect(),
  publish: ({ streamId }) => session().acceptPublish(streamId),
  play: ({ streamId }) => session().acceptPlay(streamId),
});
/** A handler that answers nothing. */
export const deciding = () => ({});
/** A handler that lets the connection in and answers nothing else. */
export const decidingStreams = (session: () => RtmpServerSession): Partial<RtmpServerHandler> => ({
  connect: () => session().acceptConnect(),
});
