import { ProtocolError } from "../../base/media-error.ts";
import { ByteReader } from "../../bytes/byte-reader.ts";

/** Message type ids, RTMP 1.0 §5.4, §6.2 and §7.1. */
export const MessageType = {
  setChunkSize: 1,
  abort: 2,
  acknowledgement: 3,
  userControl: 4,
  windowAckSize: 5,
  setPeerBandwidth: 6,
  audio: 8,
  video: 9,
  dataAmf3: 15,
  commandAmf3: 17,
  dataAmf0: 18,
  commandAmf0: 20,
  aggregate: 22,
} as const;

/** User control events, RTMP 1.0 §7.1.7. */
export const UserControlEvent = {
  streamBegin: 0,
  streamEof: 1,
  streamDry: 2,
  setBufferLength: 3,
  streamIsRecorded: 4,
  pingRequest: 6,
  pingResponse: 7,
} as const;

/** Chunk stream ids we send on. Only 2 is fixed by the standard; the rest is what Flash Media Server uses, which some clients expect. */
export const ChunkStreamId = { control: 2, command: 3, audio: 4, status: 5, video: 6, data: 7 } as const;

/** The chunk size before anybody says otherwise. RTMP 1.0 §5.4.1. */
export const DEFAULT_CHUNK_SIZE = 128;
/** What both our sessions announce before they send anything large; 60,000 keeps audio frames and most video frames in one chunk. */
export const RTMP_OUT_CHUNK_SIZE = 60_000;

/** One RTMP message. `payload` is valid during the call that hands it over. */
export interface RtmpMessage {
  readonly chunkStreamId: number;
  readonly type: number;
  /** Message stream id: 0 is the connection itself. */
  readonly streamId: number;
  /** Absolute, ms, uint32: wraps at 2^32. */
  readonly timestamp: number;
  readonly payload: Uint8Array;
}

/** The one 32-bit number of Set Chunk Size, Abort, Acknowledgement and Window Acknowledgement Size. Too short is a ProtocolError. */
export function readControlNumber(payload: Uint8Array, what: string): number {
  if (payload.length < 4) throw new ProtocolError(`rtmp: ${what} of ${payload.length} bytes`);
  return new ByteReader(payload, "rtmp").u32();
}

export interface UserControl {
  readonly event: number;
  /** The stream id, or a ping's time. Set Buffer Length has a second number behind it, which a live server has no use for. */
  readonly value: number;
}

/** A user control message. Events of other makers may be shorter than the standard's; a missing number is 0. */
export function readUserControl(payload: Uint8Array): UserControl {
  if (payload.length < 2) throw new ProtocolError(`rtmp: user control message of ${payload.length} bytes`);
  const reader = new ByteReader(payload, "rtmp");
  const event = reader.u16();
  return { event, value: reader.remaining >= 4 ? reader.u32() : 0 };
}
