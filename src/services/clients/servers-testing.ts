import { once } from "node:events";
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type AddressInfo, createServer as createTcpServer, type Socket } from "node:net";
import { createWebSocketStream, type WebSocket, WebSocketServer } from "ws";
import { ByteWriter } from "../../bytes/byte-writer.ts";
import type { FlvTag } from "../../containers/flv/flv-tag.ts";
import { rtmpCrypto } from "../../endpoints/rtmp/crypto.ts";
import { maxChunkedBytes, writeMessage } from "../../protocols/rtmp/chunk-writer.ts";
import { ChunkStreamId, RTMP_OUT_CHUNK_SIZE } from "../../protocols/rtmp/messages.ts";
import { RtmpServerSession } from "../../protocols/rtmp/server-session.ts";
import { flvHeaderBytes, flvTagBytes } from "./flv-bytes.ts";
import { readFlvTags } from "./flv-tags.ts";
import type { StreamProtocol } from "./stream-url.ts";

export interface SmallServerOptions {
  /** Refuses every publish and play with this reason. */
  readonly refuse?: string;
  /** Breaks the first connection when it has brought so many tags. */
  readonly breakAfterTags?: number;
  /** What players get; then the stream ends, in order or not. */
  readonly play?: readonly FlvTag[];
  readonly endsBadly?: boolean;
  /** The stream does not end. */
  readonly staysOpen?: boolean;
}

/** A server that is just large enough to test a client with. */
export class SmallServer implements AsyncDisposable {
  readonly options: SmallServerOptions;
  /** The tags of each connection that published. */
  readonly published: FlvTag[][] = [];
  url = "";
  readonly #sockets = new Set<Socket>();
  #close: () => void = () => {};

  static async start(protocol: StreamProtocol, options: SmallServerOptions = {}): Promise<SmallServer> {
    const small = new SmallServer(options);
    const server = protocol === "rtmp" ? createTcpServer((socket) => serveRtmp(small, socket)) : createHttpServer();
    server.on("connection", (socket: Socket) => {
      small.#sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => small.#sockets.delete(socket));
    });
    if (protocol === "http") server.on("request", (request, response) => serveHttp(small, request, response));
    if (protocol === "ws") serveWebSockets(small, server as ReturnType<typeof createHttpServer>);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    small.url = `${protocol}://127.0.0.1:${port}/live/cam${protocol === "rtmp" ? "" : ".flv"}`;
    small.#close = () => server.close();
    return small;
  }

  private constructor(options: SmallServerOptions) {
    this.options = options;
  }

  /** Breaks all connections. */
  breakAll(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** A place for the tags of a new connection; `take` breaks the connection when it is the one that is to break. */
  publish(breakConnection: () => void): (tag: FlvTag) => void {
    const tags: FlvTag[] = [];
    const isFirst = this.published.push(tags) === 1;
    return (tag) => {
      tags.push(tag);
      if (isFirst && tags.length === this.options.breakAfterTags) breakConnection();
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#close();
    this.breakAll();
  }
}

async function serveHttp(small: SmallServer, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { refuse, play = [], endsBadly, staysOpen } = small.options;
  if (refuse !== undefined) {
    response.writeHead(409, { "content-type": "application/json" });
    response.end(JSON.stringify({ error: { code: "stream-busy", message: refuse } }));
    return;
  }
  if (request.method === "GET") {
    response.write(flvHeaderBytes(true, true));
    for (const tag of play) response.write(flvTagBytes(tag));
    if (endsBadly) response.write("", () => request.socket.destroy());
    else if (!staysOpen) response.end();
    return;
  }
  const take = small.publish(() => request.socket.destroy());
  try {
    for await (const tag of readFlvTags(request)) take(tag);
    response.end("{}");
  } catch {} // the connection is gone
}

function serveWebSockets(small: SmallServer, server: ReturnType<typeof createHttpServer>): void {
  const { refuse, play, endsBadly, staysOpen } = small.options;
  new WebSocketServer({ server }).on("connection", async (socket: WebSocket) => {
    if (refuse !== undefined) {
      socket.close(1008, refuse);
      return;
    }
    if (play) {
      // one message of two tags, cut in the middle of a third: messages mean nothing
      const bytes = Buffer.concat([flvHeaderBytes(true, true), ...play.map(flvTagBytes)]);
      for (let at = 0; at < bytes.length; at += 5000) socket.send(bytes.subarray(at, at + 5000));
      if (endsBadly) socket.close(1011, "out of order");
      else if (!staysOpen) socket.close(1000);
      return;
    }
    const take = small.publish(() => socket.terminate());
    try {
      for await (const tag of readFlvTags(createWebSocketStream(socket))) take(tag);
    } catch {} // the connection is gone
  });
}

function serveRtmp(small: SmallServer, socket: Socket): void {
  const { refuse, play = [], endsBadly, staysOpen } = small.options;
  let take: (tag: FlvTag) => void = () => {};
  const session = new RtmpServerSession({
    crypto: rtmpCrypto,
    send: (bytes) => socket.write(bytes),
    handler: {
      connect: () => session.acceptConnect(),
      publish: ({ streamId }) => {
        if (refuse !== undefined) {
          session.rejectPublish(streamId, "NetStream.Publish.BadName", refuse);
          return;
        }
        take = small.publish(() => socket.destroy());
        session.acceptPublish(streamId);
      },
      play: ({ streamId }) => {
        if (refuse !== undefined) {
          session.rejectPlay(streamId, "NetStream.Play.StreamNotFound", refuse);
          return;
        }
        session.acceptPlay(streamId);
        for (const tag of play) socket.write(mediaMessage(streamId, tag));
        if (endsBadly) socket.end(() => socket.destroy());
        else if (!staysOpen) session.endPlay(streamId, "the stream has ended");
      },
      media: ({ type, timestamp, payload }) => take({ type, timestamp, data: payload.slice() }),
      pause: () => {},
      receiveAudio: () => {},
      receiveVideo: () => {},
      closeStream: () => {},
      acknowledged: () => {},
    },
  });
  socket.on("data", (bytes) => session.push(bytes));
  socket.on("end", () => socket.end());
}

function mediaMessage(streamId: number, { type, timestamp, data }: FlvTag): Uint8Array {
  const w = new ByteWriter(maxChunkedBytes(data.length, RTMP_OUT_CHUNK_SIZE));
  writeMessage(w, { chunkStreamId: ChunkStreamId.video, type, streamId, timestamp }, data, RTMP_OUT_CHUNK_SIZE);
  return w.toBytes();
}
