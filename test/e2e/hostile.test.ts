import { createHash, randomBytes } from "node:crypto";
import { connect, type Socket } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { RTMP_OUT_CHUNK_SIZE } from "../../src/protocols/rtmp/messages.ts";
import { until } from "../support/deadline.ts";
import { LivePublisher, RtmpPublisher } from "../support/publishers.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { HttpViewer, RtmpViewer, WebSocketViewer } from "../support/viewers.ts";

const HANDSHAKE_TIMEOUT_MS = 1000;
const PUBLISH_IDLE_TIMEOUT_MS = 1500;
const MiB = 1024 * 1024;
/** What the process may grow by while it is attacked: it holds the test's own side too. */
const MAX_GROWTH_BYTES = 96 * MiB;
const STREAM = "live/healthy";

let server: TestServer;
let publisher: LivePublisher;
let viewer: HttpViewer;

beforeAll(async () => {
  server = await startServer({
    workers: 2,
    limits: { handshakeTimeoutMs: HANDSHAKE_TIMEOUT_MS, requestTimeoutMs: 1000, publishIdleTimeoutMs: PUBLISH_IDLE_TIMEOUT_MS },
  });
  publisher = await LivePublisher.start(server.rtmpPort, STREAM);
  viewer = new HttpViewer(server.http(`${STREAM}.flv`));
  await viewer.frames(1);
});
afterAll(async () => {
  viewer[Symbol.dispose]();
  publisher[Symbol.dispose]();
  await server[Symbol.asyncDispose]();
});

/** After each attack those who were there before go on, and newcomers are served. */
beforeEach(() => async () => {
  await viewer.moreFrames(5);
  expect(viewer.end).toBeUndefined();
  expect(publisher.rtmp.isClosed).toBe(false);
  using http = new HttpViewer(server.http(`${STREAM}.flv`));
  using rtmp = new RtmpViewer(server.rtmpPort, STREAM);
  using ws = new WebSocketViewer(server.ws(`${STREAM}.flv`));
  await Promise.all([http, rtmp, ws].map((newcomer) => newcomer.frames(2)));
});

/** A peer without manners. */
class Attacker implements Disposable {
  readonly socket: Socket;
  received = Buffer.alloc(0);
  isClosed = false;
  readonly sinceMs = performance.now();

  constructor(port: number) {
    this.socket = connect(port, "127.0.0.1");
    this.socket.on("error", () => {});
    this.socket.on("data", (bytes: Buffer) => {
      if (this.received.length < MiB) this.received = Buffer.concat([this.received, bytes]);
    });
    this.socket.on("close", () => {
      this.isClosed = true;
    });
  }

  write(bytes: Uint8Array | string): this {
    this.socket.write(bytes);
    return this;
  }

  /** Resolves with how long the server bore it, in ms. */
  async closed(deadlineMs = 10_000): Promise<number> {
    await until("the server closes the connection", () => this.isClosed, deadlineMs);
    return performance.now() - this.sinceMs;
  }

  get text(): string {
    return this.received.toString("latin1");
  }

  [Symbol.dispose](): void {
    this.socket.destroy();
  }
}

describe("random bytes", () => {
  test("on the RTMP port", async () => {
    for (let i = 0; i < 20; i++) {
      using attacker = new Attacker(server.rtmpPort);
      attacker.write(randomBytes(4000 * (i + 1)));
      await attacker.closed();
    }
  });

  test("on the RTMP port, behind a good handshake", async () => {
    for (let i = 0; i < 20; i++) {
      using attacker = new Attacker(server.rtmpPort);
      await shakeHands(attacker);
      attacker.write(randomBytes(20_000));
      await attacker.closed();
    }
  });

  test("on the HTTP port", async () => {
    for (let i = 0; i < 20; i++) {
      using attacker = new Attacker(server.httpPort);
      attacker.write(randomBytes(1000 * (i + 1)));
      await attacker.closed();
      expect(attacker.text).toMatch(/^HTTP\/1\.1 4\d\d /);
    }
  });

  test("as a publish by POST and by WebSocket", async () => {
    using post = new Attacker(server.httpPort);
    post.write("POST /live/noise HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n").write(randomBytes(100_000));
    await post.closed();
    expect(post.text).toMatch(/^HTTP\/1\.1 400 /);
    using ws = await upgrade("/live/noise");
    ws.write(clientFrame(2, randomBytes(100_000)));
    await ws.closed();
    await server.gone("live/noise");
  });
});

/** Sends C0, C1 and C2, the simple way. */
async function shakeHands(attacker: Attacker): Promise<void> {
  const c1 = Buffer.alloc(1536);
  attacker.write(Buffer.concat([Buffer.from([3]), c1]));
  await until("S0, S1 and S2", () => attacker.received.length >= 1 + 2 * 1536);
  attacker.write(attacker.received.subarray(1, 1537));
}

/** A WebSocket after its opening handshake. */
async function upgrade(path: string): Promise<Attacker> {
  const attacker = new Attacker(server.httpPort);
  const key = randomBytes(16).toString("base64");
  const head = ["Host: localhost", "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13"];
  attacker.write(`GET ${path} HTTP/1.1\r\n${head.join("\r\n")}\r\nSec-WebSocket-Key: ${key}\r\n\r\n`);
  const accept = createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
  await until("the upgrade", () => attacker.text.includes(accept));
  return attacker;
}

/** A masked frame; `length` lies about the payload. RFC 6455 §5.2. */
function clientFrame(opcode: number, payload: Uint8Array, length = BigInt(payload.length)): Uint8Array {
  const head = Buffer.alloc(14);
  head[0] = 0x80 | opcode;
  head[1] = 0x80 | 127;
  head.writeBigUInt64BE(length, 2);
  return Buffer.concat([head, payload]); // the mask is zero
}

describe("peers that take their time", () => {
  const SLOW: readonly { what: string; port: "http" | "rtmp"; bytes: string; every: string }[] = [
    { what: "an HTTP head that never ends", port: "http", bytes: "GET /live/healthy.flv HTTP/1.1\r\n", every: "X-More: 1\r\n" },
    { what: "silence on the HTTP port", port: "http", bytes: "", every: "" },
    { what: "an RTMP handshake that never ends", port: "rtmp", bytes: "\x03", every: "x" },
    { what: "silence on the RTMP port", port: "rtmp", bytes: "", every: "" },
  ];
  test.for(SLOW)("$what", async ({ port, bytes, every }) => {
    using attacker = new Attacker(port === "http" ? server.httpPort : server.rtmpPort);
    attacker.write(bytes);
    const timer = setInterval(() => attacker.isClosed || attacker.write(every), 50);
    using _timer = { [Symbol.dispose]: () => clearInterval(timer) };
    expect(await attacker.closed()).toBeLessThan(HANDSHAKE_TIMEOUT_MS + 3000);
  });

  test("an RTMP peer that shakes hands and then says nothing", async () => {
    using attacker = new Attacker(server.rtmpPort);
    await shakeHands(attacker);
    expect(await attacker.closed()).toBeLessThan(HANDSHAKE_TIMEOUT_MS + 3000);
  });

  test("a publisher that says nothing after it was accepted", async () => {
    using silent = new RtmpPublisher(server.rtmpPort, "live/silent");
    await silent.ready();
    await silent.closed();
    await server.gone("live/silent");
  });

  test("a publish by POST that stops in the middle", async () => {
    using attacker = new Attacker(server.httpPort);
    attacker.write("POST /live/stopped HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\nFLV");
    await server.live("live/stopped");
    await server.gone("live/stopped");
    await attacker.closed();
  });

  test("an ordinary request whose body never ends", async () => {
    using attacker = new Attacker(server.httpPort);
    attacker.write("DELETE /live/healthy HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n");
    await attacker.closed();
  });
});

describe("numbers that a peer chooses", () => {
  /** Does something, and asserts that the process has not grown by much meanwhile. */
  async function expectBounded(attack: () => Promise<void>): Promise<void> {
    globalThis.gc?.();
    const before = process.memoryUsage().rss;
    await attack();
    expect(process.memoryUsage().rss - before).toBeLessThan(MAX_GROWTH_BYTES);
  }

  /** The header of a chunk that begins a message of any declared length. */
  function chunkHeader(chunkStreamId: number, length: number, type: number): Uint8Array {
    const head = Buffer.alloc(12);
    head[0] = chunkStreamId;
    head.writeUIntBE(length, 4, 3);
    head[7] = type;
    return head;
  }

  test("messages of 16 MB on 60 chunk streams are not allocated before a publish is accepted", async () => {
    await expectBounded(async () => {
      using peers = new DisposableStack();
      for (let i = 0; i < 16; i++) {
        const attacker = peers.use(new Attacker(server.rtmpPort));
        await shakeHands(attacker);
        for (let id = 2; id < 62; id++) attacker.write(chunkHeader(id, 0xffffff, 9)).write(Buffer.alloc(128));
        await attacker.closed();
      }
    });
  });

  test("messages of 8 MB on 50 chunk streams are held to a limit after a publish is accepted", async () => {
    const chunk = Buffer.alloc(RTMP_OUT_CHUNK_SIZE);
    await expectBounded(async () => {
      using peers = new DisposableStack();
      const all = Array.from({ length: 4 }, (_, i) => peers.use(new RtmpPublisher(server.rtmpPort, `live/greedy${i}`)));
      for (const greedy of all) {
        await greedy.ready();
        const startMs = performance.now();
        for (let round = 0; round < 8; round++) {
          for (let id = 8; id < 58; id++) {
            greedy.socket.write(round === 0 ? chunkHeader(id, 8 * MiB, 9) : Buffer.from([(3 << 6) | id]));
            greedy.socket.write(chunk);
          }
        }
        await greedy.closed();
        expect(performance.now() - startMs, "not for being idle").toBeLessThan(PUBLISH_IDLE_TIMEOUT_MS);
      }
    });
  });

  test("a chunk that goes on with a message may not change its length", async () => {
    using attacker = new RtmpPublisher(server.rtmpPort, "live/changing");
    await attacker.ready();
    attacker.socket.write(Buffer.concat([chunkHeader(8, 200_000, 9), Buffer.alloc(60_000)]));
    const longer = Buffer.alloc(8);
    longer[0] = (1 << 6) | 8; // type 1: a new length in the middle of the message
    longer.writeUIntBE(8 * MiB, 4, 3);
    longer[7] = 9;
    attacker.socket.write(longer);
    await attacker.closed();
  });

  test("AMF of absurd size and depth", async () => {
    const strictArray = Buffer.from([10, 0xff, 0xff, 0xff, 0xff]);
    const deep = Buffer.concat(Array.from({ length: 10_000 }, () => Buffer.from([3, 0, 1, 0x61])));
    for (const value of [strictArray, deep, Buffer.from([12, 0xff, 0xff, 0xff, 0xff])]) {
      const command = Buffer.concat([Buffer.from([2, 0, 7]), Buffer.from("connect"), Buffer.from([0]), Buffer.alloc(8), value]);
      using attacker = new Attacker(server.rtmpPort);
      await shakeHands(attacker);
      attacker.write(inChunks(command));
      await attacker.closed();
    }
  });

  /** A command in chunks of the standard 128 bytes. */
  function inChunks(command: Uint8Array): Uint8Array {
    const parts = [chunkHeader(3, command.length, 20)];
    for (let at = 0; at < command.length; at += 128) {
      if (at > 0) parts.push(Buffer.from([(3 << 6) | 3]));
      parts.push(command.subarray(at, at + 128));
    }
    return Buffer.concat(parts);
  }

  test("WebSocket frames of absurd lengths", async () => {
    await expectBounded(async () => {
      for (const length of [2n ** 63n, 2n ** 62n, 2n ** 53n]) {
        using player = await upgrade(`/${STREAM}.flv`);
        player.write(clientFrame(1, Buffer.alloc(100), length));
        await player.closed();
      }
      using ping = await upgrade(`/${STREAM}.flv`);
      ping.write(clientFrame(9, Buffer.alloc(10), 1n << 20n));
      await ping.closed();
    });
  });

  test("an FLV tag of 16 MB in a publish by POST", async () => {
    using attacker = new Attacker(server.httpPort);
    const header = Buffer.from([0x46, 0x4c, 0x56, 1, 5, 0, 0, 0, 9, 0, 0, 0, 0]);
    const tag = Buffer.from([9, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0]);
    attacker.write("POST /live/bigtag HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n");
    attacker
      .write(`${(header.length + tag.length).toString(16)}\r\n`)
      .write(Buffer.concat([header, tag]))
      .write("\r\n");
    await until("the answer", () => /^HTTP\/1\.1 413 /.test(attacker.text));
    await attacker.closed();
  });

  test.for([
    { what: "10,000 header fields", head: `GET / HTTP/1.1\r\nHost: x\r\n${"A: b\r\n".repeat(10_000)}\r\n`, status: 431 },
    { what: "a field of a megabyte", head: `GET / HTTP/1.1\r\nHost: x\r\nA: ${"b".repeat(MiB)}\r\n\r\n`, status: 431 },
    { what: "a target of a megabyte", head: `GET /${"a".repeat(MiB)} HTTP/1.1\r\nHost: x\r\n\r\n`, status: 414 },
    { what: "two lengths", head: "POST /a/b HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", status: 400 },
    {
      what: "a length and chunks",
      head: "POST /a/b HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
      status: 400,
    },
    { what: "folded lines", head: "GET / HTTP/1.1\r\nHost: x\r\nA: b\r\n c\r\n\r\n", status: 400 },
    { what: "another protocol", head: "SSH-2.0-OpenSSH_9.2p1\r\n\r\n", status: 400 },
  ])("HTTP with $what", async ({ head, status }) => {
    using attacker = new Attacker(server.httpPort);
    attacker.write(head);
    await attacker.closed();
    expect(attacker.text).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  });

  test("requests one behind the other on one connection", async () => {
    using attacker = new Attacker(server.httpPort);
    attacker.write("GET /api/streams HTTP/1.1\r\nHost: x\r\n\r\n".repeat(500));
    await until("many answers", () => attacker.text.split("HTTP/1.1 200 OK").length > 100);
  });

  test("hundreds of connections that come and go", async () => {
    await expectBounded(async () => {
      for (let round = 0; round < 5; round++) {
        const all = Array.from({ length: 100 }, (_, i) => new Attacker(i % 2 === 0 ? server.httpPort : server.rtmpPort));
        for (const attacker of all) attacker.write("GET /li");
        for (const attacker of all) attacker.socket.resetAndDestroy();
        await Promise.all(all.map((attacker) => attacker.closed()));
      }
    });
  });
});
