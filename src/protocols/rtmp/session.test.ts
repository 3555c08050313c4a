import { createHmac, randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { RtmpClientSession, type RtmpClientTarget } from "./client-session.ts";
import type { RtmpMedia } from "./connection.ts";
import type { RtmpCrypto } from "./handshake.ts";
import { type RtmpServerHandler, RtmpServerSession } from "./server-session.ts";

const crypto: RtmpCrypto = {
  hmacSha256: (key, data) => new Uint8Array(createHmac("sha256", key).update(data).digest()),
  random: (length) => new Uint8Array(randomBytes(length)),
};

/** A client and a server session joined by pieces of the given sizes, over and over. */
class Pair {
  readonly events: unknown[] = [];
  readonly received: RtmpMedia[] = [];
  readonly client: RtmpClientSession;
  readonly server: RtmpServerSession;
  readonly #toServer: Uint8Array[] = [];
  readonly #toClient: Uint8Array[] = [];
  readonly #sizes: number[];
  #cuts = 0;

  constructor(target: RtmpClientTarget, sizes: number[] = [65_536], handler: Partial<RtmpServerHandler> = {}) {
    this.#sizes = sizes;
    const keep = (media: RtmpMedia) => this.received.push({ ...media, payload: media.payload.slice() });
    const note = (what: string) => (value: unknown, more?: unknown) => {
      this.events.push(more === undefined ? [what, value] : [what, value, more]);
    };
    this.server = new RtmpServerSession({
      crypto,
      send: (bytes) => this.#toClient.push(bytes),
      handler: {
        connect: () => this.server.acceptConnect(),
        publish: (request) => {
          note("publish")(request);
          this.server.acceptPublish(request.streamId);
        },
        play: (request) => {
          note("play")(request);
          this.server.acceptPlay(request.streamId);
        },
        media: keep,
        pause: () => {},
        receiveAudio: () => {},
        receiveVideo: () => {},
        closeStream: note("closeStream"),
        acknowledged: note("server acknowledged"),
        ...handler,
      },
    });
    this.client = new RtmpClientSession({
      crypto,
      target,
      send: (bytes) => this.#toServer.push(bytes),
      handler: {
        ready: note("ready"),
        ended: note("ended"),
        media: keep,
        reconnectRequested: note("reconnect"),
        acknowledged: note("client acknowledged"),
      },
    });
  }

  writeToClient(bytes: Uint8Array): void {
    this.#toClient.push(bytes);
  }

  /** Hands everything over until both are silent. */
  run(): this {
    while (this.#toServer.length + this.#toClient.length > 0) {
      for (const bytes of this.#toServer.splice(0)) for (const piece of this.#cut(bytes)) this.server.push(piece);
      for (const bytes of this.#toClient.splice(0)) for (const piece of this.#cut(bytes)) this.client.push(piece);
    }
    return this;
  }

  *#cut(bytes: Uint8Array): Generator<Uint8Array> {
    for (let at = 0; at < bytes.length; ) {
      const size = this.#sizes[this.#cuts++ % this.#sizes.length] ?? 1;
      yield bytes.subarray(at, (at += size));
    }
  }
}

const publishTarget: RtmpClientTarget = { mode: "publish", app: "live", tcUrl: "rtmp://host/live?token=a", name: "cam?key=1" };
const playTarget: RtmpClientTarget = { mode: "play", app: "live", tcUrl: "rtmp://host/live", name: "cam" };

const media = fc.record({
  type: fc.constantFrom<8 | 9 | 18>(8, 9, 18),
  timestamp: fc.oneof(fc.nat(5000), fc.integer({ min: 0xfffff0, max: 0xffffffff })),
  payload: fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.integer({ min: 59_990, max: 130_000 }).map((length) => new Uint8Array(length).fill(length)),
  ),
});
const sizes = fc.array(fc.oneof(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1000, max: 70_000 })), {
  minLength: 1,
  maxLength: 9,
});

describe("client and server", () => {
  test("publish: every message arrives as it was sent, however the bytes are cut", () => {
    fc.assert(
      fc.property(fc.array(media, { maxLength: 5 }), sizes, (sent, pieces) => {
        const pair = new Pair(publishTarget, pieces).run();
        expect(pair.events).toEqual([
          ["publish", { streamId: 1, app: "live", name: "cam", query: "key=1&token=a", mode: "live" }],
          ["ready", 1],
        ]);
        for (const message of sent) pair.client.sendMedia(message);
        pair.run();
        expect(pair.received).toEqual(sent.map((message) => ({ streamId: 1, ...message })));
        pair.client.close();
        pair.run();
        expect(pair.events.at(-1)).toEqual(["closeStream", 1]);
      }),
      { numRuns: 30 },
    );
  });

  test("play: ready, and the end of the stream ends the client", () => {
    const pair = new Pair(playTarget).run();
    expect(pair.events).toEqual([
      ["play", { streamId: 1, app: "live", name: "cam", query: "", startMs: -2000, reset: true }],
      ["ready", 1],
    ]);
    pair.server.endPlay(1, "cam is no longer published.");
    pair.run();
    expect(pair.events.at(-1)).toEqual([
      "ended",
      { isError: false, code: "NetStream.Play.UnpublishNotify", description: "cam is no longer published." },
    ]);
  });

  test("a refused connect, publish and play reach the client with code and reason", () => {
    const refused = (target: RtmpClientTarget, handler: (pair: () => Pair) => Partial<RtmpServerHandler>): unknown => {
      const pair: Pair = new Pair(
        target,
        [100],
        handler(() => pair),
      );
      return pair.run().events.at(-1);
    };
    expect(refused(publishTarget, (pair) => ({ connect: () => pair().server.rejectConnect("full") }))).toEqual([
      "ended",
      { isError: true, code: "NetConnection.Connect.Rejected", description: "full" },
    ]);
    expect(
      refused(publishTarget, (pair) => ({
        publish: ({ streamId }) => pair().server.rejectPublish(streamId, "NetStream.Publish.BadName", "in use"),
      })),
    ).toEqual(["ended", { isError: true, code: "NetStream.Publish.BadName", description: "in use" }]);
    expect(
      refused(playTarget, (pair) => ({
        play: ({ streamId }) => pair().server.rejectPlay(streamId, "NetStream.Play.StreamNotFound", "no cam"),
      })),
    ).toEqual(["ended", { isError: true, code: "NetStream.Play.StreamNotFound", description: "no cam" }]);
  });

  test("a publisher is told when its publish is ended, and what it still sends is dropped", () => {
    const pair = new Pair(publishTarget).run();
    pair.server.endPublish(1, "NetStream.Publish.BadName", "taken over");
    pair.client.sendMedia({ type: 8, timestamp: 0, payload: new Uint8Array(10) });
    pair.run();
    expect(pair.received).toEqual([]);
    expect(pair.events.at(-1)).toEqual([
      "ended",
      { isError: true, code: "NetStream.Publish.BadName", description: "taken over" },
    ]);
  });

  test("a reconnect request reaches a client that said it can", () => {
    const pair = new Pair(playTarget).run();
    expect(pair.server.requestReconnect("moving", "rtmp://other/live")).toBe(true);
    pair.run();
    expect(pair.events.at(-1)).toEqual(["reconnect", "rtmp://other/live", "moving"]);
  });

  test("both acknowledge by the other's window, and the ping is answered", () => {
    const pongs: number[] = [];
    const pair = new Pair(publishTarget, [65_536], { pong: (ms) => pongs.push(ms) }).run();
    for (let i = 0; i < 30; i++) pair.client.sendMedia({ type: 9, timestamp: i, payload: new Uint8Array(100_000) });
    pair.server.ping(2 ** 32 + 7);
    pair.run();
    expect(pair.events.filter((event) => (event as unknown[])[0] === "client acknowledged")).toHaveLength(1);
    expect(pongs).toEqual([7]);
  });

  test("media before publish was accepted is a mistake of the caller", () => {
    const pair = new Pair(publishTarget);
    expect(() => pair.client.sendMedia({ type: 8, timestamp: 0, payload: new Uint8Array(1) })).toThrow(
      "before publish was accepted",
    );
    pair.client.close();
    expect(() => pair.client.sendMedia({ type: 8, timestamp: 0, payload: new Uint8Array(1) })).toThrow("closed");
  });
});
