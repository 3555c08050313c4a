import { ByteWriter } from "../../bytes/byte-writer.ts";
import { crc32Mpeg } from "./crc32.ts";
import { FLAG_DISCONTINUITY, PID_PMT, SYNC_BYTE, TS_PACKET_BYTES } from "./ts-packet.ts";

/** One row of a program map. */
export interface ProgramStream {
  readonly pid: number;
  readonly streamType: number;
  /** Its descriptors, tag and length included. */
  readonly descriptors: Uint8Array;
}

const PROGRAM_NUMBER = 1;
const TABLE_PAT = 0x00;
const TABLE_PMT = 0x02;

/** The program association section: program 1 is mapped at `PID_PMT`. ISO/IEC 13818-1 §2.4.4.3. */
export function patSection(): Uint8Array {
  return section(TABLE_PAT, 1, 0, (w) => {
    w.u16(PROGRAM_NUMBER);
    w.u16(0xe000 | PID_PMT);
  });
}

/** The program map section. `version` is taken modulo 32; it must change when the content does. §2.4.4.8. */
export function pmtSection(streams: readonly ProgramStream[], pcrPid: number, version: number): Uint8Array {
  return section(TABLE_PMT, PROGRAM_NUMBER, version & 0x1f, (w) => {
    w.u16(0xe000 | pcrPid);
    w.u16(0xf000); // program_info_length: none
    for (const stream of streams) {
      w.u8(stream.streamType);
      w.u16(0xe000 | stream.pid);
      w.u16(0xf000 | stream.descriptors.length);
      w.put(stream.descriptors);
    }
  });
}

function section(tableId: number, id: number, version: number, fill: (w: ByteWriter) => void): Uint8Array {
  const w = new ByteWriter(64);
  w.u8(tableId);
  w.u16(0); // section_length, patched
  w.u16(id);
  w.u8(0xc1 | (version << 1)); // reserved, version_number, current_next_indicator
  w.u16(0); // section 0 of 0
  fill(w);
  w.patchU24(0, (tableId << 16) | 0xb000 | (w.offset - 3 + 4));
  w.u32(crc32Mpeg(w.written()));
  return w.toBytes();
}

/**
 * Writes a section as one packet. `isDiscontinuous` sets the discontinuity_indicator: the counter need not follow the last packet of
 * this PID, as where a viewer joins shared bytes (§2.4.3.5).
 */
export function writeSectionPacket(
  w: ByteWriter,
  pid: number,
  section: Uint8Array,
  counter: number,
  isDiscontinuous: boolean,
): void {
  const end = w.offset + TS_PACKET_BYTES;
  w.u8(SYNC_BYTE);
  w.u16(0x4000 | pid); // payload_unit_start_indicator
  w.u8((isDiscontinuous ? 0x30 : 0x10) | (counter & 0x0f));
  if (isDiscontinuous) w.u16(0x0100 | FLAG_DISCONTINUITY);
  w.u8(0); // pointer_field: the section begins at once
  w.put(section);
  w.fill(0xff, end - w.offset);
}
