import { expect, test } from "vitest";
import { ByteWriter } from "../../bytes/byte-writer.ts";
import { crc32Mpeg } from "./crc32.ts";
import { patSection, pmtSection, writeSectionPacket } from "./psi.ts";

const textBytes = (text: string) => new TextEncoder().encode(text);

test("the CRC of the check string is that of CRC-32/MPEG-2, and a section with its CRC gives 0", () => {
  expect(crc32Mpeg(textBytes("123456789"))).toBe(0x0376e6e7);
  expect(crc32Mpeg(patSection())).toBe(0);
});

test("the program map lists PCR, stream types, PIDs and descriptors", () => {
  const section = pmtSection([{ pid: 0x101, streamType: 0x06, descriptors: Uint8Array.of(5, 1, 9) }], 0x101, 33);
  expect([...section.subarray(0, -4)]).toEqual([
    0x02, 0xb0, 21, 0x00, 0x01, 0xc3, 0, 0, 0xe1, 0x01, 0xf0, 0x00, 0x06, 0xe1, 0x01, 0xf0, 0x03, 5, 1, 9,
  ]);
  expect(crc32Mpeg(section)).toBe(0);
});

test("a section is one packet, its counter wrapped, with a discontinuity when asked", () => {
  const w = new ByteWriter();
  writeSectionPacket(w, 0x1000, Uint8Array.of(1, 2, 3), 17, false);
  writeSectionPacket(w, 0x1000, Uint8Array.of(1, 2, 3), 2, true);
  const bytes = w.toBytes();
  expect(bytes).toHaveLength(376);
  expect([...bytes.subarray(0, 9)]).toEqual([0x47, 0x50, 0x00, 0x11, 0, 1, 2, 3, 0xff]);
  expect([...bytes.subarray(188, 199)]).toEqual([0x47, 0x50, 0x00, 0x32, 1, 0x80, 0, 1, 2, 3, 0xff]);
});
