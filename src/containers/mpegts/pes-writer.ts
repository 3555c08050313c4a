import { assert } from "../../base/assert.ts";
import type { ByteWriter } from "../../bytes/byte-writer.ts";
import { spreadPayload } from "./spread-payload.ts";
import { FLAG_PCR, FLAG_RANDOM_ACCESS, SYNC_BYTE, TS_PACKET_BYTES, TS_PAYLOAD_BYTES } from "./ts-packet.ts";

/** The longest PES header here: 9 bytes and two time stamps. */
const MAX_PES_HEADER_BYTES = 19;
/** PES_packet_length has 16 bits and counts what follows it; only video may leave it 0. ISO/IEC 13818-1 §2.4.3.7. */
const MAX_PES_LENGTH = 0xffff;
const PES_LENGTH_END = 6;
/** An adaptation field with a PCR: length, flags, 6 bytes. */
const PCR_FIELD_BYTES = 8;

/** What a PES packet begins with. Times are unwrapped ticks of 90 kHz. */
export interface PesStart {
  streamId: number;
  pts: number;
  dts: number;
  /** Of the elementary stream bytes that follow. */
  payloadBytes: number;
  /** The PCR to carry, or -1 for none. */
  pcr: number;
  isRandomAccess: boolean;
}

/** An upper bound of what a PES packet with `payloadBytes` of elementary stream takes, with one packet for a PCR alone. */
export function maxPesBytes(payloadBytes: number): number {
  const packets = Math.ceil((PCR_FIELD_BYTES + MAX_PES_HEADER_BYTES + payloadBytes) / TS_PAYLOAD_BYTES);
  return (packets + 1) * TS_PACKET_BYTES;
}

/** Whether audio of this length fits in a PES packet, which must say its length. */
export function fitsBoundedPes(payloadBytes: number): boolean {
  return payloadBytes + MAX_PES_HEADER_BYTES - PES_LENGTH_END <= MAX_PES_LENGTH;
}

/**
 * Cuts the PES packets of one PID into TS packets, straight into a `ByteWriter`: `begin` says how much comes, `put` brings it in as
 * many pieces as the caller likes, each copied once. ISO/IEC 13818-1 §2.4.3.2–2.4.3.7.
 */
export class PesWriter {
  readonly pid: number;
  /** continuity_counter of the next packet with payload. */
  #counter = 0;
  #w: ByteWriter | undefined;
  /** Payload bytes of the PES packet not written yet. */
  #remaining = 0;
  /** Where the payload of the open TS packet goes on, and how much of it is left. */
  #at = 0;
  #room = 0;
  /** Where the last two packets with payload begin; -1 before there are any. */
  #lastAt = -1;
  #previousAt = -1;
  readonly #header = new Uint8Array(MAX_PES_HEADER_BYTES);

  constructor(pid: number) {
    this.pid = pid;
  }

  /**
   * Opens a PES packet in `w`. Its bytes must follow by `put` before anything else is written to `w`; a packet that was left incomplete
   * (its frame was overwritten while it was read) is given up.
   */
  begin(w: ByteWriter, start: PesStart): void {
    const headerBytes = this.#fillHeader(start);
    this.#w = w;
    this.#remaining = headerBytes + start.payloadBytes;
    this.#openPacket(true, start.pcr, start.isRandomAccess);
    this.put(this.#header, 0, headerBytes);
  }

  /** Appends `bytes[from…to)` to the open PES packet. */
  put(bytes: Uint8Array, from = 0, to = bytes.length): void {
    for (let at = from; at < to; ) {
      if (this.#room === 0) this.#openPacket(false, -1, false);
      const end = Math.min(to, at + this.#room);
      this.#w?.bytes.set(bytes.subarray(at, end), this.#at);
      this.#at += end - at;
      this.#room -= end - at;
      at = end;
    }
  }

  /** A packet that holds a PCR and no payload; its counter is that of the packet before it (§2.4.3.3). */
  writePcrOnly(w: ByteWriter, pcr: number): void {
    const at = w.offset;
    w.fill(0xff, TS_PACKET_BYTES);
    this.#writePacketHeader(w.bytes, at, false, 0x20, (this.#counter - 1) & 0x0f);
    writeAdaptationField(w.bytes, at + 4, TS_PAYLOAD_BYTES, 0, pcr);
  }

  /** Makes the number of packets with payload a multiple of 16, all of them being in `w`: see `spreadPayload`. */
  alignCounter(w: ByteWriter): void {
    const missing = -this.#counter & 0x0f;
    if (missing > 0) spreadPayload(w, this.#previousAt, this.#lastAt, missing);
    this.#counter = 0;
  }

  #openPacket(isStart: boolean, pcr: number, isRandomAccess: boolean): void {
    const w = this.#w;
    assert(w !== undefined && this.#remaining > 0, "more bytes than the PES packet was announced with");
    const at = w.offset;
    this.#previousAt = this.#lastAt;
    this.#lastAt = at;
    w.fill(0xff, TS_PACKET_BYTES);
    const wantedField = pcr >= 0 ? PCR_FIELD_BYTES : isRandomAccess ? 2 : 0;
    const payload = Math.min(this.#remaining, TS_PAYLOAD_BYTES - wantedField);
    const field = TS_PAYLOAD_BYTES - payload; // what the payload does not fill is stuffing, at the end of the field
    this.#writePacketHeader(w.bytes, at, isStart, field > 0 ? 0x30 : 0x10, this.#counter);
    if (field > 0) writeAdaptationField(w.bytes, at + 4, field, isRandomAccess ? FLAG_RANDOM_ACCESS : 0, pcr);
    this.#counter = (this.#counter + 1) & 0x0f;
    this.#at = at + 4 + field;
    this.#room = payload;
    this.#remaining -= payload;
  }

  #writePacketHeader(bytes: Uint8Array, at: number, isStart: boolean, control: number, counter: number): void {
    bytes[at] = SYNC_BYTE;
    bytes[at + 1] = (isStart ? 0x40 : 0) | (this.pid >>> 8);
    bytes[at + 2] = this.pid;
    bytes[at + 3] = control | counter;
  }

  /** §2.4.3.6; returns its length. */
  #fillHeader(start: PesStart): number {
    const header = this.#header;
    const hasDts = start.dts !== start.pts;
    const length = hasDts ? 19 : 14;
    const following = length - PES_LENGTH_END + start.payloadBytes;
    const pesLength = following <= MAX_PES_LENGTH ? following : 0;
    header[0] = header[1] = 0;
    header[2] = 1;
    header[3] = start.streamId;
    header[4] = pesLength >>> 8;
    header[5] = pesLength;
    header[6] = 0x84; // data_alignment_indicator: an access unit begins here
    header[7] = hasDts ? 0xc0 : 0x80;
    header[8] = length - 9;
    writeTimestamp(header, 9, hasDts ? 0x3 : 0x2, start.pts);
    if (hasDts) writeTimestamp(header, 14, 0x1, start.dts);
    return length;
  }
}

/** 4 bits of prefix and 33 of time, with marker bits. Time wraps at 2^33, after 26.5 hours. */
function writeTimestamp(bytes: Uint8Array, at: number, prefix: number, ticks: number): void {
  const high = Math.floor(ticks / 0x4000_0000) & 0x7; // bits 32…30
  const low = ticks % 0x4000_0000;
  bytes[at] = (prefix << 4) | (high << 1) | 1;
  bytes[at + 1] = low >>> 22;
  bytes[at + 2] = (low >>> 14) | 1;
  bytes[at + 3] = low >>> 7;
  bytes[at + 4] = (low << 1) | 1;
}

/** Writes a field of `length` bytes, its length byte included, over bytes that are 0xff already (the stuffing). §2.4.3.4. */
function writeAdaptationField(bytes: Uint8Array, at: number, length: number, flags: number, pcr: number): void {
  bytes[at] = length - 1;
  if (length === 1) return;
  bytes[at + 1] = flags | (pcr >= 0 ? FLAG_PCR : 0);
  if (pcr < 0) return;
  const base = pcr % 0x2_0000_0000; // program_clock_reference_base, 33 bits; the extension stays 0
  const high = Math.floor(base / 2);
  bytes[at + 2] = high >>> 24;
  bytes[at + 3] = high >>> 16;
  bytes[at + 4] = high >>> 8;
  bytes[at + 5] = high;
  bytes[at + 6] = ((base % 2) << 7) | 0x7e;
  bytes[at + 7] = 0;
}
