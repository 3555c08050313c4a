import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MediaError } from "../../base/media-error.ts";
import { ByteWriter } from "../../bytes/byte-writer.ts";
import type { AmfValue } from "../../containers/amf/amf0.ts";
import { writeCommand } from "./commands.ts";
import { MessageType } from "./messages.ts";
import { MAX_NET_STREAMS } from "./net-stream.ts";
import { MAX_DROPPED_MEDIA_BYTES, MAX_WAITING_COMMANDS } from "./server-session.ts";
import { accepting, CONNECT, deciding, decidingStreams, Peer } from "./server-session-testing.ts";

const status = (level: string, code: string) => ["onStatus", 0, null, expect.objectContaining({ level, code })];

describe("connect", () => {
  test("is answered with window, bandwidth, chunk size and result, in this order", () => {
    expect(new Peer().connected({ ...CONNECT, objectEncoding: 3 }).answers()).toEqual([
      [MessageType.windowAckSize, "0007a120"],
      [MessageType.setPeerBandwidth, "002625a002"],
      [
        0,
        "_result",
        1,
        expect.not.objectContaining({ capsEx: 15 }),
        expect.objectContaining({ level: "status", objectEncoding: 3 }),
      ],
    ]);
  });

  test("tells an Enhanced RTMP client what we can forward", () => {
    const peer = new Peer((session) => ({
      connect: (request) => {
        expect(request).toMatchObject({ capsEx: 3, fourCcList: ["hvc1", "av01", "Opus"] });
        session().acceptConnect();
      },
    }));
    peer.connected({
      ...CONNECT,
      capsEx: 3,
      fourCcList: ["hvc1"],
      videoFourCcInfoMap: { av01: 4 },
      audioFourCcInfoMap: { Opus: 4 },
    });
    expect(peer.answers().at(-1)).toEqual([
      0,
      "_result",
      1,
      expect.objectContaining({
        capsEx: 15,
        fourCcList: expect.arrayContaining(["hvc1", "av01", "vp09", "Opus"]),
        videoFourCcInfoMap: expect.objectContaining({ hvc1: 4 }),
        audioFourCcInfoMap: expect.objectContaining({ Opus: 4 }),
      }),
      expect.objectContaining({ code: "NetConnection.Connect.Success" }),
    ]);
  });

  test("a reconnect request goes only to clients that can", () => {
    const able = new Peer().connected({ ...CONNECT, capsEx: 1 });
    able.answers();
    expect(able.session.requestReconnect("restart")).toBe(true);
    expect(able.answers()).toEqual([[0, ...status("status", "NetConnection.Connect.ReconnectRequest")]]);
    expect(new Peer().connected().session.requestReconnect("restart")).toBe(false);
  });

  test("commands before it, a second one, and one without an object are refused", () => {
    expect(() => new Peer().command(0, "createStream", 2, null)).toThrow("createStream before connect");
    expect(() => new Peer().connected().connected()).toThrow("a second connect");
    expect(() => new Peer().connected(null)).toThrow("connect without a command object");
    expect(() => new Peer().connected({ app: 7 })).toThrow("app is no string");
  });

  test("commands that arrive while it is decided about are kept, but not without end", () => {
    const peer = new Peer(deciding).connected();
    peer.command(0, "createStream", 2, null);
    expect(peer.answers()).toEqual([]);
    peer.session.acceptConnect();
    expect(peer.answers().at(-1)).toEqual([0, "_result", 2, null, 1]);
    const flood = new Peer(deciding).connected();
    expect(() => {
      for (let i = 0; i <= MAX_WAITING_COMMANDS; i++) flood.command(0, "createStream", 2, null);
    }).toThrow("more than 8 commands");
  });

  test("refused: _error with the reason, and nothing is read any more", () => {
    const peer = new Peer(deciding).connected();
    peer.session.rejectConnect("no such app");
    expect(peer.answers()).toEqual([
      [0, "_error", 1, null, { level: "error", code: "NetConnection.Connect.Rejected", description: "no such app" }],
    ]);
    peer.command(0, "createStream", 2, null);
    expect(peer.answers()).toEqual([]);
    expect(peer.session.acceptConnect()).toBe(false);
  });
});

describe("publish", () => {
  test("ffmpeg's way: releaseStream, FCPublish, createStream, publish, media, FCUnpublish, deleteStream", () => {
    const peer = new Peer().connected();
    peer.answers();
    peer.command(0, "releaseStream", 2, null, "cam").command(0, "FCPublish", 3, null, "cam").command(0, "createStream", 4, null);
    expect(peer.answers()).toEqual([
      [0, "_result", 2, null, undefined],
      [0, "_result", 3, null, undefined],
      [0, "onFCPublish", 0, null, expect.objectContaining({ code: "NetStream.Publish.Start" })],
      [0, "_result", 4, null, 1],
    ]);
    peer.command(1, "publish", 5, null, "cam?k=1", "record");
    expect(peer.told).toEqual([]);
    expect(peer.answers()).toEqual([
      [MessageType.userControl, "000000000001"],
      [1, ...status("status", "NetStream.Publish.Start")],
    ]);
    peer.message(9, 1, Uint8Array.of(0x17, 0), 0xffffffff);
    expect(peer.told.splice(0)).toEqual([
      ["media", { streamId: 1, type: 9, timestamp: 0xffffffff, payload: Uint8Array.of(0x17, 0) }],
    ]);
    peer.command(0, "FCUnpublish", 6, null, "cam").command(0, "deleteStream", 7, null, 1);
    expect(peer.told).toEqual([["closeStream", 1]]);
    expect(peer.answers()).toEqual([
      [0, "onFCUnpublish", 0, null, expect.objectContaining({ code: "NetStream.Unpublish.Success" })],
      [0, "_result", 6, null, undefined],
      [1, ...status("status", "NetStream.Unpublish.Success")],
    ]);
  });

  test("large messages only after it was accepted", () => {
    const large = new Uint8Array(70_000);
    const peer = new Peer(decidingStreams).connected().command(0, "createStream", 2, null).command(1, "publish", 3, null, "cam");
    expect(() => peer.message(9, 1, large)).toThrow("70000 bytes is above the limit of 65536");
    const accepted = new Peer().connected().command(0, "createStream", 2, null).command(1, "publish", 3, null, "cam");
    accepted.message(9, 1, large);
    expect(accepted.told).toHaveLength(1);
  });

  test("media before it was accepted is dropped, but not without end", () => {
    const peer = new Peer(decidingStreams).connected().command(0, "createStream", 2, null).command(1, "publish", 3, null, "cam");
    peer.told.length = 0;
    expect(() => {
      for (let bytes = 0; bytes <= MAX_DROPPED_MEDIA_BYTES; bytes += 60_000) peer.message(9, 1, new Uint8Array(60_000));
    }).toThrow("more than 8388608 bytes of media for no published stream");
    expect(peer.told).toEqual([]);
  });

  test("an answer that comes after the peer took its request back does nothing, nor does a new request on that stream", () => {
    const peer = new Peer(decidingStreams).connected().command(0, "createStream", 2, null).command(1, "publish", 3, null, "mine");
    peer.command(1, "closeStream", 0, null);
    peer.answers();
    peer.command(1, "publish", 4, null, "yours");
    expect(peer.told).toEqual([
      ["publish", expect.objectContaining({ name: "mine" })],
      ["closeStream", 1],
    ]);
    expect(peer.answers()).toEqual([[1, ...status("error", "NetStream.Publish.Failed")]]);
    expect(peer.session.acceptPublish(1)).toBe(false);
    peer.command(0, "deleteStream", 0, null, 1);
    expect(peer.session.acceptPublish(1)).toBe(false);
    expect(peer.answers()).toEqual([]);
  });

  test("a second request while the first is being decided is refused", () => {
    const peer = new Peer(decidingStreams).connected().command(0, "createStream", 2, null).command(1, "publish", 3, null, "a");
    peer.answers();
    peer.command(1, "play", 4, null, "b");
    expect(peer.answers()).toEqual([[1, ...status("error", "NetStream.Play.Failed")]]);
    expect(peer.session.acceptPlay(1)).toBe(false);
    expect(peer.session.acceptPublish(1)).toBe(true);
  });

  test("refused by the handler: the reason goes to the stream, and another name may be tried", () => {
    const peer = new Peer(decidingStreams).connected().command(0, "createStream", 2, null).command(1, "publish", 3, null, "a");
    peer.answers();
    expect(peer.session.rejectPublish(1, "NetStream.Publish.BadName", "in use")).toBe(true);
    expect(peer.answers()).toEqual([[1, ...status("error", "NetStream.Publish.BadName")]]);
    peer.command(1, "publish", 4, null, "b");
    expect(peer.told.at(-1)).toEqual(["publish", expect.objectContaining({ name: "b" })]);
  });

  test.each([7, {}, [], true])("a name that is %j is refused", (name) => {
    const peer = new Peer().connected().command(0, "createStream", 2, null);
    expect(() => peer.command(1, "publish", 3, null, name)).toThrow("rtmp: the name to publish is no string");
  });

  test("on a stream that was not created it is refused", () => {
    expect(() => new Peer().connected().command(1, "publish", 3, null, "cam")).toThrow("stream 1, which was not created");
  });

  test("streams are limited, and an id is never used twice", () => {
    const peer = new Peer().connected();
    for (let i = 0; i < 3 * MAX_NET_STREAMS; i++)
      peer.command(0, "createStream", 2, null).command(0, "deleteStream", 0, null, i + 1);
    expect(peer.answers().at(-1)).toEqual([0, "_result", 2, null, 3 * MAX_NET_STREAMS]);
    expect(() => {
      for (let i = 0; i <= MAX_NET_STREAMS; i++) peer.command(0, "createStream", 2, null);
    }).toThrow("more than 16 streams");
  });

  test("AMF3 messages: commands and data without their format byte", () => {
    const peer = new Peer().connected();
    const w = new ByteWriter();
    w.u8(0);
    writeCommand(w, { name: "createStream", transactionId: 2, values: [null] });
    peer.answers();
    peer.message(MessageType.commandAmf3, 0, w.toBytes());
    expect(peer.answers()).toEqual([[0, "_result", 2, null, 1]]);
    peer.command(1, "publish", 3, null, "cam").message(MessageType.dataAmf3, 1, Uint8Array.of(0, 2, 0, 1, 0x61));
    expect(peer.told).toEqual([["media", { streamId: 1, type: 18, timestamp: 0, payload: Uint8Array.of(2, 0, 1, 0x61) }]]);
  });

  test("an aggregate message is its tags, the first at the message's time", () => {
    const peer = new Peer().connected().command(0, "createStream", 2, null).command(1, "publish", 3, null, "cam");
    const w = new ByteWriter();
    for (const [type, time, byte] of [
      [8, 0xfffffff0, 1],
      [9, 0x10, 2],
    ] as const) {
      w.u8(type);
      w.u24(1);
      w.u24(time & 0xffffff);
      w.u8(time >>> 24);
      w.u24(0);
      w.u8(byte);
      w.u32(12);
    }
    peer.message(MessageType.aggregate, 1, w.toBytes(), 1000);
    expect(peer.told).toEqual([
      ["media", { streamId: 1, type: 8, timestamp: 1000, payload: Uint8Array.of(1) }],
      ["media", { streamId: 1, type: 9, timestamp: 1032, payload: Uint8Array.of(2) }],
    ]);
    expect(() => peer.message(MessageType.aggregate, 1, Uint8Array.of(8, 0, 0, 9))).toThrow(MediaError);
  });
});

describe("play", () => {
  const playing = () => {
    const peer = new Peer().connected().command(0, "createStream", 2, null);
    peer.answers();
    return peer.command(1, "play", 0, null, "cam", -1000, -1, true);
  };

  test("is answered with stream begin, reset, start and sample access", () => {
    expect(playing().answers()).toEqual([
      [MessageType.userControl, "000000000001"],
      [1, ...status("status", "NetStream.Play.Reset")],
      [1, ...status("status", "NetStream.Play.Start")],
      [MessageType.dataAmf0, `020011${Buffer.from("|RtmpSampleAccess").toString("hex")}01010101`],
    ]);
  });

  test("pause and its end are answered and told; seek, play2 and unknown methods are refused politely", () => {
    const peer = playing();
    peer.answers();
    peer.command(1, "pause", 0, null, true, 500).command(1, "pause", 0, null, false, 500);
    expect(peer.answers()).toEqual([
      [1, ...status("status", "NetStream.Pause.Notify")],
      [MessageType.userControl, "000100000001"],
      [1, ...status("status", "NetStream.Unpause.Notify")],
      [MessageType.userControl, "000000000001"],
    ]);
    peer.command(1, "seek", 0, null, 5000).command(1, "play2", 0, null, {}).command(1, "constructor", 9, null);
    peer.command(0, "getStreamLength", 10, null, "cam");
    expect(peer.answers()).toEqual([
      [1, ...status("error", "NetStream.Seek.Failed")],
      [1, ...status("error", "NetStream.Play.Failed")],
      [0, "_error", 9, null, expect.objectContaining({ code: "NetConnection.Call.Failed" })],
      [0, "_result", 10, null, 0],
    ]);
    peer.command(1, "receiveAudio", 0, null, false).command(1, "receiveVideo", 0, null, true);
    expect(peer.told).toEqual([
      ["pause", 1, true, 500],
      ["pause", 1, false, 500],
      ["receiveAudio", 1, false],
      ["receiveVideo", 1, true],
    ]);
  });

  test("another play on the same stream ends the first; play(false) ends it too", () => {
    const peer = playing().command(1, "play", 0, null, "other");
    expect(peer.told).toEqual([["closeStream", 1]]);
    peer.command(1, "play", 0, null, false);
    expect(peer.told).toHaveLength(2);
  });

  test("the end: StreamEOF and UnpublishNotify, once", () => {
    const peer = playing();
    peer.answers();
    expect(peer.session.endPlay(1, "over")).toBe(true);
    expect(peer.session.endPlay(1, "over")).toBe(false);
    expect(peer.answers()).toEqual([
      [MessageType.userControl, "000100000001"],
      [1, ...status("status", "NetStream.Play.UnpublishNotify")],
    ]);
  });
});

describe("protocol control", () => {
  test("pings are answered, also a flood of them in one piece", () => {
    const peer = new Peer();
    peer.message(MessageType.userControl, 0, Uint8Array.of(0, 6, 1, 2, 3, 4));
    expect(peer.answers()).toEqual([[MessageType.userControl, "000701020304"]]);
    const ping = Uint8Array.of(0xc3, 0, 6, 0, 0, 0, 1); // type 3: as the one before
    const flood = new Uint8Array(10_000 * ping.length);
    for (let i = 0; i < 10_000; i++) flood.set(ping, i * ping.length);
    peer.session.push(flood);
    expect(peer.answers()).toHaveLength(10_000);
  });

  test("Acknowledgements wrap at 2^32 and do not run backwards", () => {
    const peer = new Peer();
    for (const hex of ["7fffffff", "fffffff0", "fffffff0", "00000010", "00000008"])
      peer.message(MessageType.acknowledgement, 0, Buffer.from(hex, "hex"));
    expect(peer.told).toEqual([0x7fffffff, 0xfffffff0, 0xfffffff0, 0x100000010].map((bytes) => ["acknowledged", bytes]));
  });

  test("the peer's window decides when we acknowledge; a tiny one costs at most one answer per 4 kB", () => {
    const peer = new Peer();
    peer.message(MessageType.windowAckSize, 0, Uint8Array.of(0, 0, 0, 1));
    for (let i = 0; i < 100; i++) peer.message(15, 0, new Uint8Array(100));
    const answers = peer.answers().length;
    expect(answers).toBeGreaterThan(1);
    expect(answers).toBeLessThanOrEqual(4);
  });

  test.each([3, 4, 5, 6])("type %i without bytes is a MediaError", (type) => {
    expect(() => new Peer().message(type, 0, new Uint8Array(0))).toThrow(MediaError);
  });

  test("Set Peer Bandwidth is answered with our window when it differs", () => {
    const peer = new Peer().connected();
    peer.answers();
    peer.message(MessageType.setPeerBandwidth, 0, Uint8Array.of(0, 0x26, 0x25, 0xa0, 2));
    peer.message(MessageType.setPeerBandwidth, 0, Uint8Array.of(0, 0x26, 0x25, 0xa0, 2));
    expect(peer.answers()).toEqual([[MessageType.windowAckSize, "002625a0"]]);
  });
});

test("random messages are answered or end in a MediaError", () => {
  const value: fc.Arbitrary<AmfValue> = fc.constantFrom<AmfValue>(
    null,
    undefined,
    1,
    0,
    -1,
    Number.NaN,
    2 ** 40,
    "cam",
    "",
    true,
    false,
    {},
    [],
  );
  const name = fc.constantFrom(
    "createStream",
    "publish",
    "play",
    "pause",
    "seek",
    "deleteStream",
    "closeStream",
    "FCPublish",
    "FCUnpublish",
    "_result",
    "toString",
    "receiveAudio",
  );
  const step = fc.oneof(
    fc.tuple(fc.nat(3), name, value, value, value).map(
      ([id, n, a, b, c]) =>
        (peer: Peer) =>
          peer.command(id, n, 5, a, b, c),
    ),
    fc.tuple(fc.nat(30), fc.nat(2), fc.uint8Array({ maxLength: 40 })).map(
      ([type, id, b]) =>
        (peer: Peer) =>
          peer.message(type, id, b),
    ),
    fc.uint8Array({ maxLength: 40 }).map((bytes) => (peer: Peer) => void peer.session.push(bytes)),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 20 }), fc.boolean(), (steps, isAccepting) => {
      const peer = new Peer(isAccepting ? accepting : decidingStreams).connected();
      try {
        for (const act of steps) act(peer);
      } catch (error) {
        if (!(error instanceof MediaError)) throw error;
      }
    }),
    { numRuns: 300 },
  );
});
