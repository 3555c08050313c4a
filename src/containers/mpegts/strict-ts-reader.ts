import { ByteReader } from "../../bytes/byte-reader.ts";
import { FormatError } from "../../bytes/format-error.ts";
import { crc32Mpeg } from "./crc32.ts";
import { PID_PAT, PID_PMT, SYNC_BYTE, TS_PACKET_BYTES } from "./ts-packet.ts";

interface PesPacket {
  readonly pid: number;
  readonly streamId: number;
  readonly pts: number;
  readonly dts: number;
  readonly isRandomAccess: boolean;
  readonly payload: Uint8Array;
}

export interface StrictTs {
  /** Those of all program maps, in order of their first bytes. */
  readonly pes: PesPacket[];
  /** `pid: stream_type` of the last program map. */
  readonly streams: Map<number, number>;
  readonly pcrPid: number;
  readonly pcrs: number[];
  /** Program maps read. */
  readonly tables: number;
  readonly packets: number;
}

interface OpenPes {
  isRandomAccess: boolean;
  bytes: number[];
}

/**
 * Reads a whole transport stream for tests and refuses what a lenient demuxer forgives: packets out of step, jumping counters,
 * bad CRCs, PES packets of another length than they say. FormatError.
 */
export function readStrictTs(bytes: Uint8Array): StrictTs {
  const reader = new StrictTsReader();
  if (bytes.length % TS_PACKET_BYTES !== 0) throw new FormatError("ts: not a whole number of packets");
  for (let at = 0; at < bytes.length; at += TS_PACKET_BYTES) reader.packet(bytes.subarray(at, at + TS_PACKET_BYTES));
  return reader.end();
}

class StrictTsReader {
  readonly #counters = new Map<number, number>();
  readonly #open = new Map<number, OpenPes>();
  readonly #pes: PesPacket[] = [];
  readonly #pcrs: number[] = [];
  #streams = new Map<number, number>();
  #pcrPid = 0;
  #tables = 0;
  #packets = 0;

  packet(bytes: Uint8Array): void {
    const r = new ByteReader(bytes, "ts");
    this.#packets++;
    if (r.u8() !== SYNC_BYTE) throw new FormatError("ts: no sync byte");
    const word = r.u16();
    const pid = word & 0x1fff;
    const flags = r.u8();
    const field = flags & 0x20 ? r.take(r.u8()) : new Uint8Array(0);
    const fieldFlags = field[0] ?? 0;
    if (fieldFlags & 0x10) this.#readPcr(pid, field);
    this.#checkCounter(pid, flags, (fieldFlags & 0x80) !== 0);
    if (!(flags & 0x10)) return;
    if (pid === PID_PAT || pid === PID_PMT) this.#readSection(pid, r);
    else this.#readPayload(pid, r.rest(), (word & 0x4000) !== 0, (fieldFlags & 0x40) !== 0);
  }

  end(): StrictTs {
    for (const pid of this.#open.keys()) this.#close(pid);
    return {
      pes: this.#pes,
      streams: this.#streams,
      pcrPid: this.#pcrPid,
      pcrs: this.#pcrs,
      tables: this.#tables,
      packets: this.#packets,
    };
  }

  #readPcr(pid: number, field: Uint8Array): void {
    if (pid !== this.#pcrPid) throw new FormatError(`ts: a PCR on PID ${pid}`);
    const r = new ByteReader(field, "pcr");
    r.skip(1);
    this.#pcrs.push(r.u32() * 2 + (r.u8() >> 7));
  }

  #checkCounter(pid: number, flags: number, isDiscontinuous: boolean): void {
    const counter = flags & 0x0f;
    const before = this.#counters.get(pid);
    const wanted = before === undefined ? counter : (before + (flags & 0x10 ? 1 : 0)) & 0x0f;
    if (counter !== wanted && !isDiscontinuous) throw new FormatError(`ts: counter ${counter} on PID ${pid}, wanted ${wanted}`);
    this.#counters.set(pid, counter);
  }

  #readSection(pid: number, r: ByteReader): void {
    r.skip(r.u8());
    const start = r.offset;
    r.skip(1);
    const length = r.u16() & 0x0fff;
    const section = r.bytes.subarray(start, start + 3 + length);
    if (crc32Mpeg(section) !== 0) throw new FormatError("ts: the CRC of a section is wrong");
    if (pid === PID_PMT) this.#readPmt(new ByteReader(section.subarray(8, -4), "pmt"));
  }

  #readPmt(r: ByteReader): void {
    this.#tables++;
    this.#pcrPid = r.u16() & 0x1fff;
    r.skip(r.u16() & 0x0fff);
    this.#streams = new Map();
    while (r.remaining > 0) {
      const streamType = r.u8();
      this.#streams.set(r.u16() & 0x1fff, streamType);
      r.skip(r.u16() & 0x0fff);
    }
  }

  #readPayload(pid: number, payload: Uint8Array, isStart: boolean, isRandomAccess: boolean): void {
    if (!this.#streams.has(pid)) throw new FormatError(`ts: PID ${pid} is in no table`);
    if (payload.length === 0) throw new FormatError("ts: an empty payload");
    if (isStart) {
      this.#close(pid);
      this.#open.set(pid, { isRandomAccess, bytes: [] });
    }
    const open = this.#open.get(pid);
    if (open === undefined) throw new FormatError("ts: a payload before the start of a PES packet");
    for (const byte of payload) open.bytes.push(byte);
  }

  #close(pid: number): void {
    const open = this.#open.get(pid);
    if (open === undefined) return;
    const r = new ByteReader(Uint8Array.from(open.bytes), "pes");
    if (r.u24() !== 1) throw new FormatError("pes: no start code");
    const streamId = r.u8();
    const length = r.u16();
    if (length !== 0 && length !== r.remaining) throw new FormatError(`pes: length ${length}, have ${r.remaining}`);
    r.skip(1);
    const hasDts = (r.u8() & 0x40) !== 0;
    r.skip(1);
    const pts = readTimestamp(r);
    const dts = hasDts ? readTimestamp(r) : pts;
    this.#pes.push({ pid, streamId, pts, dts, isRandomAccess: open.isRandomAccess, payload: r.rest() });
  }
}

function readTimestamp(r: ByteReader): number {
  const high = r.u8();
  const middle = r.u16();
  const low = r.u16();
  if (!(high & middle & low & 1)) throw new FormatError("pes: a marker bit is missing");
  return ((high >> 1) & 7) * 0x4000_0000 + (middle >> 1) * 0x8000 + (low >> 1);
}
