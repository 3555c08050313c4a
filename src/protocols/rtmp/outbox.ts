import { ByteWriter } from "../../bytes/byte-writer.ts";
import { writeMessage } from "./chunk-writer.ts";
import { type Command, writeCommand, writeDataMessage } from "./commands.ts";
import { ChunkStreamId, DEFAULT_CHUNK_SIZE, MessageType } from "./messages.ts";

/** What one turn writes at most before it must be sent: a peer that asks without end gets answers, not our memory. */
const MAX_UNSENT_BYTES = 65_536;

/** The messages we write ourselves, gathered until `flush` so that several go in one `send`. */
export class Outbox {
  readonly #send: (bytes: Uint8Array) => void;
  readonly #w = new ByteWriter(1024);
  readonly #payload = new ByteWriter(512);
  #chunkSize = DEFAULT_CHUNK_SIZE;

  constructor(send: (bytes: Uint8Array) => void) {
    this.#send = send;
  }

  /** Set Chunk Size; in force from the next message on. */
  setChunkSize(size: number): void {
    this.control(MessageType.setChunkSize, size);
    this.#chunkSize = size;
  }

  /** A protocol control message of one number, RTMP 1.0 §5.4; `more` is the limit type of Set Peer Bandwidth. */
  control(type: number, value: number, more?: number): void {
    this.#payload.offset = 0;
    this.#payload.u32(value);
    if (more !== undefined) this.#payload.u8(more);
    this.message(ChunkStreamId.control, type, 0, 0, this.#payload.written());
  }

  /** User control, RTMP 1.0 §7.1.7. */
  userControl(event: number, ...values: number[]): void {
    this.#payload.offset = 0;
    this.#payload.u16(event);
    for (const value of values) this.#payload.u32(value);
    this.message(ChunkStreamId.control, MessageType.userControl, 0, 0, this.#payload.written());
  }

  /** A command, always as AMF0: peers with `objectEncoding` 3 understand both. */
  command(streamId: number, command: Command): void {
    this.#payload.offset = 0;
    writeCommand(this.#payload, command);
    const lane = streamId === 0 ? ChunkStreamId.command : ChunkStreamId.status;
    this.message(lane, MessageType.commandAmf0, streamId, 0, this.#payload.written());
  }

  /** A data message: a name and values. */
  data(streamId: number, ...values: Parameters<typeof writeDataMessage>[1]): void {
    this.#payload.offset = 0;
    writeDataMessage(this.#payload, values);
    this.message(ChunkStreamId.status, MessageType.dataAmf0, streamId, 0, this.#payload.written());
  }

  message(chunkStreamId: number, type: number, streamId: number, timestamp: number, payload: Uint8Array): void {
    writeMessage(this.#w, { chunkStreamId, type, streamId, timestamp }, payload, this.#chunkSize);
    if (this.#w.offset > MAX_UNSENT_BYTES) this.flush();
  }

  /** Sends what was written, as a copy that belongs to `send`. */
  flush(): void {
    if (this.#w.offset === 0) return;
    const bytes = this.#w.toBytes();
    this.#w.offset = 0;
    this.#send(bytes);
  }
}
