import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MediaError } from "../../base/media-error.ts";
import { ByteWriter } from "../../bytes/byte-writer.ts";
import { ChunkDemuxer, MAX_CHUNK_STREAMS } from "./chunk-demuxer.ts";
import { maxChunkedBytes, writeMessage } from "./chunk-writer.ts";
import type { RtmpMessage } from "./messages.ts";

const LIMITS = { maxMessageBytes: 100_000, maxPartialBytes: 150_000 };

function demux(pieces: Iterable<Uint8Array>, limits = LIMITS): RtmpMessage[] {
  const messages: RtmpMessage[] = [];
  const demuxer = new ChunkDemuxer((message) => messages.push({ ...message, payload: message.payload.slice() }), limits);
  for (const piece of pieces) {
    const copy = piece.slice();
    demuxer.push(copy);
    copy.fill(0xee); // the caller may reuse its buffer
    expect(demuxer.heldBytes).toBeLessThanOrEqual(limits.maxPartialBytes);
  }
  return messages;
}

/** Hex with spaces and comments in parentheses. */
function hex(text: string): Uint8Array {
  const digits = text.replace(/\([^)]*\)/g, "").replace(/\s/g, "");
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

const oneByOne = (bytes: Uint8Array) => Array.from(bytes, (_, i) => bytes.subarray(i, i + 1));
const summary = (messages: RtmpMessage[]) =>
  messages.map((m) => [m.chunkStreamId, m.type, m.streamId, m.timestamp, Buffer.from(m.payload).toString("hex")]);

const vectors = [
  {
    name: "types 0 to 3 on one chunk stream, each leaving out more of the header",
    bytes: "04 00000a 000002 08 01000000 aaaa  44 000005 000001 09 bb  84 000007 cc  c4 dd (type 3 repeats the delta of 7) c4 ee",
    messages: [
      [4, 8, 1, 10, "aaaa"],
      [4, 9, 1, 15, "bb"],
      [4, 9, 1, 22, "cc"],
      [4, 9, 1, 29, "dd"],
      [4, 9, 1, 36, "ee"],
    ],
  },
  {
    name: "a type 3 chunk that begins a message after type 0 adds the absolute time again, as the standard says and ffmpeg sends",
    bytes: "04 000014 000001 08 01000000 aa c4 bb",
    messages: [
      [4, 8, 1, 20, "aa"],
      [4, 8, 1, 40, "bb"],
    ],
  },
  {
    name: "chunk stream ids of 1, 2 and 3 bytes; the last counts its second byte 256-fold",
    bytes: "03 000000 000001 14 00000000 01  00 00 000000 000001 14 00000000 02  01 01 02 000000 000001 14 00000000 03",
    messages: [
      [3, 20, 0, 0, "01"],
      [64, 20, 0, 0, "02"],
      [64 + 1 + 512, 20, 0, 0, "03"],
    ],
  },
  {
    name: "Set Chunk Size to 1, then a message in chunks of 1 byte interleaved with another",
    bytes:
      "02 000000 000004 01 00000000 00000001  04 000000 000003 08 01000000 a1  06 000001 000002 09 01000000 b1 c4 a2 c6 b2 c4 a3",
    messages: [
      [6, 9, 1, 1, "b1b2"],
      [4, 8, 1, 0, "a1a2a3"],
    ],
  },
  {
    name: "extended timestamp repeated on type 3 chunks",
    bytes: "02 000000 000004 01 00000000 00000002  04 ffffff 000003 08 01000000 01000000 a1a2 c4 01000000 a3",
    messages: [[4, 8, 1, 0x1000000, "a1a2a3"]],
  },
  {
    name: "extended timestamp left out of type 3 chunks",
    bytes: "02 000000 000004 01 00000000 00000002  04 ffffff 000005 08 01000000 01000000 a1a2 c4 a3a4 c4 a5",
    messages: [[4, 8, 1, 0x1000000, "a1a2a3a4a5"]],
  },
  {
    name: "extended delta, and type 3 chunks that carry the absolute time instead of it",
    bytes:
      "02 000000 000004 01 00000000 00000002  04 000001 000001 08 01000000 a0  44 ffffff 000003 08 01000000 b1b2 c4 01000001 b3",
    messages: [
      [4, 8, 1, 1, "a0"],
      [4, 8, 1, 0x1000001, "b1b2b3"],
    ],
  },
  {
    name: "an extended timestamp field for a small time",
    bytes: "04 ffffff 000001 08 01000000 00000005 a1",
    messages: [[4, 8, 1, 5, "a1"]],
  },
  {
    name: "deltas wrap at 2^32",
    bytes: "04 ffffff 000001 08 01000000 fffffff0 a1 84 000020 a2",
    messages: [
      [4, 8, 1, 0xfffffff0, "a1"],
      [4, 8, 1, 0x10, "a2"],
    ],
  },
  {
    name: "a message without bytes, alone at the end of the input",
    bytes: "04 000005 000000 08 01000000",
    messages: [[4, 8, 1, 5, ""]],
  },
  {
    name: "librtmp begins chunk stream 2 with type 1",
    bytes: "42 000000 000006 04 000300000001",
    messages: [[2, 4, 0, 0, "000300000001"]],
  },
  {
    name: "Abort throws a partial message away and the next chunk begins a new one",
    bytes:
      "02 000000 000004 01 00000000 00000002  04 000000 000003 08 01000000 a1a2  02 000000 000004 02 00000000 0000 c2 0004 04 000007 000001 08 01000000 b1",
    messages: [[4, 8, 1, 7, "b1"]],
  },
  {
    name: "a continuing chunk that says the whole header of its message again",
    bytes: "02 000000 000004 01 00000000 00000002  04 000000 000003 08 01000000 a1a2 04 000000 000003 08 01000000 a3",
    messages: [[4, 8, 1, 0, "a1a2a3"]],
  },
];

describe("ChunkDemuxer", () => {
  for (const { name, bytes, messages } of vectors) {
    test(name, () => {
      expect(summary(demux([hex(bytes)]))).toEqual(messages);
      expect(summary(demux(oneByOne(hex(bytes))))).toEqual(messages);
    });
  }

  const refused = [
    { name: "chunk size 0", bytes: "02 000000 000004 01 00000000 00000000", error: /chunk size 0/ },
    { name: "chunk size with the top bit set", bytes: "02 000000 000004 01 00000000 80000000", error: /chunk size 2147483648/ },
    { name: "Set Chunk Size without bytes", bytes: "02 000000 000000 01 00000000", error: /Set Chunk Size of 0 bytes/ },
    { name: "Abort of 1 byte", bytes: "02 000000 000001 02 00000000 00", error: /Abort of 1 bytes/ },
    { name: "type 2 on a new chunk stream", bytes: "84 000000", error: /chunk stream 4 begins with a chunk of type 2/ },
    { name: "type 3 on a new chunk stream", bytes: "c4", error: /chunk stream 4 begins with a chunk of type 3/ },
    {
      name: "a message above the limit",
      bytes: "04 000000 0186a1 08 01000000",
      error: /100001 bytes is above the limit of 100000/,
    },
    {
      name: "a continuing chunk with another length",
      bytes: "02 000000 000004 01 00000000 00000002  04 000000 000003 08 01000000 a1a2 44 000000 000004 08 a3",
      error: /changes a message of type 8, 3 bytes into one of type 8, 4 bytes after 2 bytes/,
    },
    {
      name: "a continuing chunk with another type",
      bytes: "02 000000 000004 01 00000000 00000002  04 000000 000003 08 01000000 a1a2 04 000000 000003 09 01000000 a3",
      error: /changes a message/,
    },
  ];
  for (const { name, bytes, error } of refused) {
    test(`refuses ${name}`, () => {
      expect(() => demux([hex(bytes)])).toThrow(error);
      expect(() => demux(oneByOne(hex(bytes)))).toThrow(MediaError);
    });
  }

  test("refuses more than the limit of chunk streams", () => {
    const streams = Array.from({ length: MAX_CHUNK_STREAMS + 1 }, (_, i) => Uint8Array.of(0, i, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 0));
    expect(demux(streams.slice(0, -1))).toHaveLength(MAX_CHUNK_STREAMS);
    expect(() => demux(streams)).toThrow(/more than 64 chunk streams/);
  });

  test("declared messages cost no memory, arrived ones at most the limit", () => {
    let held = 0;
    const demuxer = new ChunkDemuxer(() => {}, { maxMessageBytes: 16_000_000, maxPartialBytes: 100_000 });
    const chunk = (id: number) => Uint8Array.of(id, 0, 0, 0, 0xf0, 0, 0, 9, 1, 0, 0, 0, ...new Uint8Array(128));
    expect(() => {
      for (let id = 3; id < 60; id++) demuxer.push(chunk(id));
      for (let round = 0; round < 1000; round++)
        for (let id = 3; id < 60; id++) {
          demuxer.push(Uint8Array.of(0xc0 | id, ...new Uint8Array(128)));
          held = Math.max(held, demuxer.heldBytes);
        }
    }).toThrow(/partial messages above the limit of 100000 bytes/);
    expect(held).toBeLessThanOrEqual(100_000);
  });

  test("a message in one chunk of one push is a view, not a copy", () => {
    const bytes = hex("04 00000a 000002 08 01000000 aaaa");
    let payload: Uint8Array | undefined;
    new ChunkDemuxer((message) => (payload = message.payload), LIMITS).push(bytes);
    expect(payload?.buffer).toBe(bytes.buffer);
  });

  test("a large message does not keep its memory", () => {
    const limits = { maxMessageBytes: 1_000_000, maxPartialBytes: 1_000_000 };
    const demuxer = new ChunkDemuxer(() => {}, limits);
    const w = new ByteWriter();
    writeMessage(w, { chunkStreamId: 4, type: 9, streamId: 1, timestamp: 0 }, new Uint8Array(700_000), 128);
    demuxer.push(w.written());
    expect(demuxer.heldBytes).toBe(0);
  });
});

const message = fc.record({
  chunkStreamId: fc.integer({ min: 3, max: 63 }),
  type: fc.constantFrom(8, 9, 18, 20),
  streamId: fc.nat(0xffffffff),
  timestamp: fc.oneof(fc.nat(1000), fc.integer({ min: 0xfffffe, max: 0x1000001 }), fc.integer({ min: 0, max: 0xffffffff })),
  payload: fc.uint8Array({ maxLength: 700 }),
});

/** `bytes` in pieces of the given sizes, and the rest. */
function cut(bytes: Uint8Array, sizes: number[]): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  let at = 0;
  for (const size of sizes) pieces.push(bytes.subarray(at, (at += size)));
  return [...pieces, bytes.subarray(at)];
}
const cuts = fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 60 });

describe("messages written by chunk-writer", () => {
  test("are read again, however the bytes are cut and whatever the chunk size", () => {
    fc.assert(
      fc.property(fc.array(message, { maxLength: 6 }), fc.constantFrom(1, 2, 100, 128, 4096), cuts, (sent, chunkSize, sizes) => {
        const w = new ByteWriter();
        writeMessage(
          w,
          { chunkStreamId: 2, type: 1, streamId: 0, timestamp: 0 },
          Uint8Array.of(0, 0, chunkSize >> 8, chunkSize & 0xff),
          128,
        );
        for (const m of sent) {
          const before = w.offset;
          writeMessage(w, m, m.payload, chunkSize);
          expect(w.offset - before).toBeLessThanOrEqual(maxChunkedBytes(m.payload.length, chunkSize));
        }
        expect(demux(cut(w.toBytes(), sizes))).toEqual(sent);
      }),
    );
  });

  test("random bytes give messages or a MediaError, in bounded memory, and the same however they are cut", () => {
    const run = (pieces: Uint8Array[]): unknown => {
      const seen: unknown[] = [];
      const demuxer = new ChunkDemuxer((m) => seen.push([m.type, m.timestamp, m.payload.length]), {
        maxMessageBytes: 2000,
        maxPartialBytes: 3000,
      });
      try {
        for (const piece of pieces) demuxer.push(piece);
      } catch (error) {
        if (!(error instanceof MediaError)) throw error;
        seen.push(error.message);
      }
      expect(demuxer.heldBytes).toBeLessThanOrEqual(3000);
      return seen;
    };
    const smallNumbers = fc.array(fc.constantFrom(0, 1, 2, 3, 4, 0x44, 0x84, 0xc4, 0xc3, 8, 9, 20, 0xff), { maxLength: 300 });
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      smallNumbers.map((a) => Uint8Array.from(a)),
    );
    fc.assert(
      fc.property(bytes, cuts, (input, sizes) => {
        expect(run(cut(input, sizes))).toEqual(run([input]));
      }),
      { numRuns: 500 },
    );
  });
});
