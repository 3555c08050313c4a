/** `node src/protocols/rtmp/chunk-demuxer.bench.ts`: the demuxer against the same grammar as a generator, 1,700-byte messages. */
import { bench, run, summary } from "mitata";
import { ByteReader } from "../../bytes/byte-reader.ts";
import { ByteWriter } from "../../bytes/byte-writer.ts";
import { type Parser, ParserDriver } from "../../bytes/parser.ts";
import { ChunkDemuxer } from "./chunk-demuxer.ts";
import { writeMessage } from "./chunk-writer.ts";

const MESSAGES = 1000;
const SOCKET_READ_BYTES = 65_536;

function input(chunkSize: number): Uint8Array[] {
  const w = new ByteWriter();
  writeMessage(w, { chunkStreamId: 2, type: 1, streamId: 0, timestamp: 0 }, Uint8Array.of(0, 0, chunkSize >> 8, chunkSize), 128);
  for (let i = 0; i < MESSAGES; i++)
    writeMessage(w, { chunkStreamId: 4 + (i & 1), type: 9, streamId: 1, timestamp: i * 14 }, new Uint8Array(1700), chunkSize);
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < w.offset; at += SOCKET_READ_BYTES) pieces.push(w.written().subarray(at, at + SOCKET_READ_BYTES));
  return pieces;
}

/** Only what the input above needs: types 0 and 3, ids of one byte, no extended timestamps. */
function* grammar(emit: (payload: Uint8Array) => void): Parser {
  const streams = new Map<number, { type: number; length: number; filled: number; buffer: Uint8Array }>();
  for (let chunkSize = 128; ; ) {
    const first = (yield 1)[0] ?? 0;
    const stream = streams.get(first & 0x3f) ?? { type: 0, length: 0, filled: 0, buffer: new Uint8Array(65_536) };
    streams.set(first & 0x3f, stream);
    if (first >> 6 === 0) {
      const head = new ByteReader(yield 11, "rtmp");
      head.skip(3);
      stream.length = head.u24();
      stream.type = head.u8();
    }
    const body = yield Math.min(chunkSize, stream.length - stream.filled);
    if (body.length === stream.length) {
      if (stream.type === 1) chunkSize = new ByteReader(body, "rtmp").u32();
      else emit(body);
      continue;
    }
    stream.buffer.set(body, stream.filled);
    stream.filled += body.length;
    if (stream.filled < stream.length) continue;
    stream.filled = 0;
    emit(stream.buffer.subarray(0, stream.length));
  }
}

let seen = 0;
for (const chunkSize of [4096, 128]) {
  const pieces = input(chunkSize);
  summary(() => {
    bench(`${MESSAGES} messages, chunk size ${chunkSize}: state machine`, () => {
      const demuxer = new ChunkDemuxer((message) => (seen += message.payload.length), {
        maxMessageBytes: 65_536,
        maxPartialBytes: 131_072,
      });
      for (const piece of pieces) demuxer.push(piece);
    });
    bench(`${MESSAGES} messages, chunk size ${chunkSize}: generator`, () => {
      const driver = new ParserDriver(
        grammar((payload) => (seen += payload.length)),
        { format: "rtmp", maxAskBytes: 65_536 },
      );
      for (const piece of pieces) driver.push(piece);
    });
  });
}
await run();
