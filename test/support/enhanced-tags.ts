import type { Tag } from "./flv-reader.ts";

/** VideoPacketType and AudioPacketType of Enhanced RTMP v2. */
const SEQUENCE_START = 0;
const CODED_FRAMES = 1;
const CODED_FRAMES_X = 3;
const VIDEO_MULTITRACK = 6;
/** FourCCs whose CodedFrames have a composition time. */
const WITH_COMPOSITION_TIME = ["avc1", "hvc1"];

/** What a tag of Enhanced RTMP carries. */
export interface EnhancedBody {
  readonly fourCc: string;
  readonly isConfig: boolean;
  readonly compositionMs: number;
  readonly payload: Uint8Array;
}

export interface VideoPacket {
  readonly dtsMs: number;
  readonly ptsMs: number;
  readonly isKey: boolean;
  readonly data: Uint8Array;
}

export function videoConfigTag(fourCc: string, config: Uint8Array): Tag {
  return { type: 9, timestamp: 0, data: Buffer.concat([Buffer.from([0x90 | SEQUENCE_START]), Buffer.from(fourCc), config]) };
}

export function videoTag(fourCc: string, { dtsMs, ptsMs, isKey, data }: VideoPacket): Tag {
  return {
    type: 9,
    timestamp: dtsMs,
    data: Buffer.concat([
      Buffer.from([0x80 | (isKey ? 0x10 : 0x20) | CODED_FRAMES]),
      Buffer.from(fourCc),
      WITH_COMPOSITION_TIME.includes(fourCc) ? int24(ptsMs - dtsMs) : new Uint8Array(0),
      data,
    ]),
  };
}

export function audioConfigTag(fourCc: string, config: Uint8Array): Tag {
  return { type: 8, timestamp: 0, data: Buffer.concat([Buffer.from([0x90 | SEQUENCE_START]), Buffer.from(fourCc), config]) };
}

export function audioTag(fourCc: string, timestamp: number, data: Uint8Array): Tag {
  return { type: 8, timestamp, data: Buffer.concat([Buffer.from([0x90 | CODED_FRAMES]), Buffer.from(fourCc), data]) };
}

/** The same video tag as one track of a multitrack publish (AvMultitrackType.OneTrack). */
export function asTrack(index: number, tag: Tag): Tag {
  const [head = 0] = tag.data;
  const types = Buffer.from([(head & 0xf0) | VIDEO_MULTITRACK, head & 15]);
  const fourCc = tag.data.subarray(1, 5);
  return { ...tag, data: Buffer.concat([types, fourCc, Buffer.from([index]), tag.data.subarray(5)]) };
}

/** Reads a tag of Enhanced RTMP that belongs to no multitrack; undefined for a legacy one. */
export function readEnhanced(tag: Tag): EnhancedBody | undefined {
  const data = Buffer.from(tag.data);
  const head = data[0]!;
  const isEnhanced = tag.type === 9 ? (head & 0x80) !== 0 : head >> 4 === 9;
  if (!isEnhanced) return undefined;
  const packetType = head & 15;
  if (![SEQUENCE_START, CODED_FRAMES, CODED_FRAMES_X].includes(packetType)) return undefined;
  const fourCc = data.toString("latin1", 1, 5);
  const hasTime = packetType === CODED_FRAMES && tag.type === 9 && WITH_COMPOSITION_TIME.includes(fourCc);
  return {
    fourCc,
    isConfig: packetType === SEQUENCE_START,
    compositionMs: hasTime ? data.readIntBE(5, 3) : 0,
    payload: Uint8Array.from(data.subarray(hasTime ? 8 : 5)),
  };
}

function int24(value: number): Uint8Array {
  const bytes = Buffer.alloc(3);
  bytes.writeIntBE(value, 0, 3);
  return bytes;
}
