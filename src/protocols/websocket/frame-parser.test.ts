import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LimitError, MediaError, ProtocolError } from "../../base/media-error.ts";
import { ByteWriter } from "../../bytes/byte-writer.ts";
import { FormatError } from "../../bytes/format-error.ts";
import { closeCodeOf } from "./close-code.ts";
import { WebSocketFrameParser, type WebSocketParserOptions } from "./frame-parser.ts";
import { frameHeaderBytes, writeCloseFrame, writeFrame, writeFrameHeader } from "./frame-writer.ts";
import { OPCODE_BINARY, OPCODE_PING, OPCODE_TEXT } from "./opcode.ts";

const SERVER: WebSocketParserOptions = { role: "server", binary: "whole", maxMessageBytes: 1000 };
const CLIENT: WebSocketParserOptions = { ...SERVER, role: "client" };
const KEY = Uint8Array.of(0x37, 0xfa, 0x21, 0x3d);

type Event = [kind: string, ...values: unknown[]];

function recorder(options: WebSocketParserOptions): { parser: WebSocketFrameParser; events: Event[] } {
  const events: Event[] = [];
  const parser = new WebSocketFrameParser(
    {
      binary: (bytes, isLast) => events.push(["binary", [...bytes], isLast]),
      text: (text) => events.push(["text", text]),
      ping: (payload) => events.push(["ping", String.fromCharCode(...payload)]),
      pong: (payload) => events.push(["pong", String.fromCharCode(...payload)]),
      close: (code, reason) => events.push(["close", code, reason]),
    },
    options,
  );
  return { parser, events };
}

function read(bytes: Uint8Array | number[], options = SERVER): Event[] {
  const { parser, events } = recorder(options);
  parser.push(Uint8Array.from(bytes));
  return events;
}

function frame(opcode: number, payload: Uint8Array, isFinal: boolean, mask?: Uint8Array): Uint8Array {
  const bytes = writeFrame(opcode, payload, mask);
  bytes[0] = (bytes[0] ?? 0) & (isFinal ? 0xff : 0x7f);
  return bytes;
}

describe("the examples of RFC 6455 §5.7", () => {
  test.each<[string, number[], WebSocketParserOptions, Event[]]>([
    ["an unmasked text message", [0x81, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f], CLIENT, [["text", "Hello"]]],
    ["a masked text message", [0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58], SERVER, [["text", "Hello"]]],
    ["a fragmented text message", [0x01, 0x03, 0x48, 0x65, 0x6c, 0x80, 0x02, 0x6c, 0x6f], CLIENT, [["text", "Hello"]]],
    ["an unmasked ping", [0x89, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f], CLIENT, [["ping", "Hello"]]],
    ["a masked pong", [0x8a, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58], SERVER, [["pong", "Hello"]]],
  ])("%s is read", (_, bytes, options, events) => {
    expect(read(bytes, options)).toEqual(events);
  });

  test("256 bytes and 64 KiB have headers with 16 and 64 bits of length", () => {
    const w = new ByteWriter();
    writeFrameHeader(w, OPCODE_BINARY, 256);
    writeFrameHeader(w, OPCODE_BINARY, 65536);
    expect([...w.written()]).toEqual([0x82, 0x7e, 0x01, 0x00, 0x82, 0x7f, 0, 0, 0, 0, 0, 1, 0, 0]);
  });
});

describe("a frame is refused", () => {
  test.each<[string, number[] | Uint8Array, WebSocketParserOptions, number]>([
    ["without mask from a client", [0x81, 0x00], SERVER, 1002],
    ["with mask from a server", [0x81, 0x80], CLIENT, 1002],
    ["with a reserved bit", [0xc1, 0x00], CLIENT, 1002],
    ["with a reserved data opcode", [0x83, 0x00], CLIENT, 1002],
    ["with a reserved control opcode", [0x8b, 0x00], CLIENT, 1002],
    ["when a control frame is fragmented", [0x09, 0x00], CLIENT, 1002],
    ["when a control frame has 126 bytes", [0x89, 0x7e], CLIENT, 1002],
    ["when it continues nothing", [0x80, 0x00], CLIENT, 1002],
    ["when it begins a message inside another", [0x02, 0x00, 0x82, 0x00], CLIENT, 1002],
    ["when its length of 125 takes 16 bits", [0x82, 0x7e, 0x00, 0x7d], CLIENT, 1002],
    ["when its length of 65535 takes 64 bits", [0x82, 0x7f, 0, 0, 0, 0, 0, 0, 0xff, 0xff], CLIENT, 1002],
    ["with the uppermost bit of the length", [0x82, 0x7f, 0x80, 0, 0, 0, 0, 0, 0, 0], CLIENT, 1002],
    ["with text that is not UTF-8", [0x81, 0x01, 0xff], CLIENT, 1007],
    ["with text cut inside a character", [0x81, 0x01, 0xc3], CLIENT, 1007],
    ["above the message limit, before its bytes arrive", [0x82, 0x7e, 0x03, 0xe9], CLIENT, 1009],
    ["when fragments add up above the limit", [0x02, 0x01, 0xaa, 0x80, 0x7e, 0x03, 0xe8], CLIENT, 1009],
    ["when a close frame has one byte", [0x88, 0x01, 0x03], CLIENT, 1002],
    ["with a close code that may not be sent", [0x88, 0x02, 0x03, 0xed], CLIENT, 1002],
    ["with a close reason that is not UTF-8", [0x88, 0x03, 0x03, 0xe8, 0xff], CLIENT, 1007],
  ])("%s", (_, bytes, options, closeCode) => {
    let thrown: unknown;
    try {
      read(bytes, options);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(MediaError);
    expect(closeCodeOf(thrown)).toBe(closeCode);
  });
});

describe("a fragmented message", () => {
  const pieces = [
    frame(OPCODE_BINARY, Uint8Array.of(1, 2), false, KEY),
    writeFrame(OPCODE_PING, Uint8Array.of(0x70), KEY),
    frame(0, Uint8Array.of(), false, KEY),
    frame(0, Uint8Array.of(3), true, KEY),
    writeFrame(OPCODE_TEXT, new TextEncoder().encode("é"), KEY),
    writeCloseFrame(1000, "bye", KEY),
    Uint8Array.of(0xff, 0xff), // behind the close frame: ignored
  ];
  const input = Uint8Array.from(pieces.flatMap((piece) => [...piece]));

  test("is gathered across control frames", () => {
    expect(read(input)).toEqual([
      ["ping", "p"],
      ["binary", [1, 2, 3], true],
      ["text", "é"],
      ["close", 1000, "bye"],
    ]);
  });

  test("is the same however the bytes are cut, whole or streamed", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: input.length }), { maxLength: 12 }), fc.boolean(), (cuts, isStream) => {
        const { parser, events } = recorder({ ...SERVER, binary: isStream ? "stream" : "whole" });
        const own = input.slice();
        const edges = [0, ...cuts.sort((a, b) => a - b), own.length];
        for (let i = 1; i < edges.length; i++) parser.push(own.subarray(edges[i - 1], edges[i]));
        const binary = events.filter(([kind]) => kind === "binary");
        expect(binary.flatMap(([, bytes]) => bytes)).toEqual([1, 2, 3]);
        expect(binary.map(([, , isLast]) => isLast)).toEqual([...binary.slice(1).map(() => false), true]);
        expect(events.filter(([kind]) => kind !== "binary")).toEqual([
          ["ping", "p"],
          ["text", "é"],
          ["close", 1000, "bye"],
        ]);
        expect(parser.isClosed).toBe(true);
        expect(parser.bufferedBytes).toBe(0);
      }),
    );
  });
});

test("a streamed message of 4 GiB is handed over as it arrives and nothing is held", () => {
  const { parser, events } = recorder({ ...SERVER, binary: "stream" });
  const w = new ByteWriter();
  writeFrameHeader(w, OPCODE_BINARY, 2 ** 32, Uint8Array.of(0, 0, 0, 0));
  parser.push(w.toBytes());
  parser.push(Uint8Array.of(1, 2));
  parser.push(Uint8Array.of(3));
  expect(events).toEqual([
    ["binary", [1, 2], false],
    ["binary", [3], false],
  ]);
  expect(parser.bufferedBytes).toBe(0);
});

test("a declared length reserves nothing", () => {
  const { parser } = recorder({ ...SERVER, maxMessageBytes: 2 ** 30 });
  const w = new ByteWriter();
  writeFrameHeader(w, OPCODE_BINARY, 2 ** 29, Uint8Array.of(0, 0, 0, 0));
  w.u8(1);
  parser.push(w.toBytes());
  expect(parser.bufferedBytes).toBe(1);
});

test("a close frame without code is 1005", () => {
  expect(read([0x88, 0x00], CLIENT)).toEqual([["close", 1005, ""]]);
});

test("what is written is read, at every size of header", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(0, 1, 125, 126, 127, 65535, 65536, 70000),
      fc.boolean(),
      fc.nat(255),
      (length, isMasked, fill) => {
        const payload = new Uint8Array(length).fill(fill);
        const bytes = writeFrame(OPCODE_BINARY, payload, isMasked ? KEY : undefined);
        expect(bytes.length).toBe(frameHeaderBytes(length, isMasked) + length);
        const { parser, events } = recorder({ ...SERVER, role: isMasked ? "server" : "client", maxMessageBytes: 70000 });
        parser.push(bytes);
        expect(events).toHaveLength(1);
        expect(Uint8Array.from(events[0]?.[1] as number[])).toEqual(payload);
      },
    ),
    { numRuns: 30 },
  );
});

test("a close reason is cut between characters", () => {
  const [event] = read(writeCloseFrame(1008, "é".repeat(100)), CLIENT);
  expect(event).toEqual(["close", 1008, "é".repeat(61)]);
});

test("random bytes give events or a MediaError, within the limit", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 10 }), fc.boolean(), (pieces, isServer) => {
      const { parser } = recorder({ role: isServer ? "server" : "client", binary: "whole", maxMessageBytes: 50 });
      try {
        for (const piece of pieces) parser.push(piece);
      } catch (error) {
        expect(error instanceof ProtocolError || error instanceof LimitError || error instanceof FormatError).toBe(true);
      }
      expect(parser.bufferedBytes).toBeLessThanOrEqual(50 + 125 + 14);
    }),
    { numRuns: 2000 },
  );
});
