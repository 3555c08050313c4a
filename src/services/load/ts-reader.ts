import { ByteGatherer } from "./byte-gatherer.ts";
import type { LoadClock } from "./load-clock.ts";
import { MARKER_SEARCH_BYTES } from "./marker.ts";
import type { MediaReader } from "./media-reader.ts";
import type { MediaKind, MediaTally } from "./media-tally.ts";

const PACKET_BYTES = 188;
const SYNC_BYTE = 0x47;
/** PES packets of tables and stuffing have other ids: ISO/IEC 13818-1 table 2-22. */
const PES_HEADER_BYTES = 9;

/** A PES packet that is being read. */
interface OpenPes {
  kind: MediaKind;
  timestamp: number;
  isKey: boolean;
  /** The first bytes of the frame, for the marker. */
  start: Uint8Array;
  filled: number;
  lastMs: number;
}

/**
 * Reads an MPEG transport stream for measuring: sync bytes, continuity counters, PES packets. A frame ends where the next one of its PID
 * begins; it counts as complete when its last packet came.
 */
export class TsReader implements MediaReader {
  readonly #tally: MediaTally;
  readonly #clock: LoadClock;
  readonly #gatherer = new ByteGatherer();
  readonly #counters = new Map<number, number>();
  readonly #open = new Map<number, OpenPes>();
  #isBroken = false;

  constructor(tally: MediaTally, clock: LoadClock) {
    this.#tally = tally;
    this.#clock = clock;
  }

  push(bytes: Uint8Array): void {
    if (this.#isBroken) return;
    this.#gatherer.push(bytes);
    const held = this.#gatherer.held;
    let at = 0;
    for (; !this.#isBroken && at + PACKET_BYTES <= held.length; at += PACKET_BYTES) this.#readPacket(held, at);
    this.#gatherer.drop(at);
  }

  /** Sync byte, flags and PID, counter, adaptation field, payload: ISO/IEC 13818-1 §2.4.3.2. */
  #readPacket(held: Uint8Array, at: number): void {
    if (held[at] !== SYNC_BYTE) {
      this.#tally.framingError("ts: no sync byte");
      this.#isBroken = true;
      return;
    }
    const pid = ((held[at + 1]! & 0x1f) << 8) | held[at + 2]!;
    const flags = held[at + 3]!;
    const hasField = (flags & 0x20) !== 0;
    const hasPayload = (flags & 0x10) !== 0;
    const fieldBytes = hasField ? held[at + 4]! + 1 : 0;
    const fieldFlags = fieldBytes > 1 ? held[at + 5]! : 0;
    if (hasPayload && !(fieldFlags & 0x80)) this.#checkCounter(pid, flags & 0x0f);
    else this.#counters.set(pid, flags & 0x0f);
    const payloadAt = at + 4 + fieldBytes;
    const end = at + PACKET_BYTES;
    if (!hasPayload || payloadAt >= end) return;
    const payload = held.subarray(payloadAt, end);
    if (held[at + 1]! & 0x40) this.#begin(pid, payload, (fieldFlags & 0x40) !== 0);
    else this.#continue(pid, payload);
  }

  #checkCounter(pid: number, counter: number): void {
    const before = this.#counters.get(pid);
    if (before !== undefined && counter !== ((before + 1) & 0x0f)) this.#tally.framingError("ts: continuity counter");
    this.#counters.set(pid, counter);
  }

  #begin(pid: number, payload: Uint8Array, isKey: boolean): void {
    const open = this.#open.get(pid);
    if (open) this.#tally.frame(open.kind, open.timestamp, open.isKey, open.start.subarray(0, open.filled), open.lastMs);
    const kind = pesKind(payload);
    if (kind === undefined) {
      this.#open.delete(pid);
      return;
    }
    const start = open?.start ?? new Uint8Array(MARKER_SEARCH_BYTES);
    this.#open.set(pid, { kind, timestamp: pesTimestamp(payload), isKey, start, filled: 0, lastMs: 0 });
    this.#continue(pid, payload.subarray(PES_HEADER_BYTES + payload[8]!));
  }

  #continue(pid: number, payload: Uint8Array): void {
    const open = this.#open.get(pid);
    if (!open) return;
    open.lastMs = this.#clock.nowMs;
    const room = open.start.length - open.filled;
    if (room <= 0) return;
    const part = payload.length > room ? payload.subarray(0, room) : payload;
    open.start.set(part, open.filled);
    open.filled += part.length;
  }
}

/** By the stream id of a PES packet; undefined for tables and others. ISO/IEC 13818-1 table 2-22; Opus is a private stream. */
function pesKind(payload: Uint8Array): MediaKind | undefined {
  if (payload.length < PES_HEADER_BYTES || payload[0] !== 0 || payload[1] !== 0 || payload[2] !== 1) return undefined;
  const id = payload[3]!;
  if (id >= 0xe0 && id <= 0xef) return "video";
  return (id >= 0xc0 && id <= 0xdf) || id === 0xbd ? "audio" : undefined;
}

/** The DTS if there is one, else the PTS, in 90 kHz: §2.4.3.7. */
function pesTimestamp(payload: Uint8Array): number {
  const at = payload[7]! & 0x40 ? 14 : 9;
  const high = (payload[at]! >> 1) & 7;
  const middle = (payload[at + 1]! << 7) | (payload[at + 2]! >> 1);
  const low = (payload[at + 3]! << 7) | (payload[at + 4]! >> 1);
  return high * 0x4000_0000 + middle * 0x8000 + low;
}
