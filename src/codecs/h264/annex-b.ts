import { ByteWriter } from "../../bytes/byte-writer.ts";
import { nalUnitEnd, writeLengthPrefixed } from "./nal-units.ts";

/**
 * Splits a byte stream in Annex B form into NAL units: start codes of 3 or 4 bytes, mixed, and zero bytes behind a unit, which are
 * padding. ISO/IEC 14496-10 §B.1. Bytes before the first start code are skipped; empty units are left out. Yields views.
 */
export function* annexBNalUnits(bytes: Uint8Array): Generator<Uint8Array> {
  let start = afterStartCode(bytes, 0);
  while (start >= 0) {
    const next = afterStartCode(bytes, start);
    let end = next < 0 ? bytes.length : next - 3;
    while (end > start && bytes[end - 1] === 0) end--;
    if (end > start) yield bytes.subarray(start, end);
    start = next;
  }
}

/** The position behind the next 00 00 01 at or after `from`; -1 when there is none. */
function afterStartCode(bytes: Uint8Array, from: number): number {
  for (let one = bytes.indexOf(1, from + 2); one >= 0; one = bytes.indexOf(1, one + 1)) {
    if (bytes[one - 1] === 0 && bytes[one - 2] === 0) return one + 1;
  }
  return -1;
}

/** Whether `bytes` begin with a start code. A length-prefixed access unit can too (a NAL unit of one byte), so ask for that first. */
export function hasStartCode(bytes: Uint8Array): boolean {
  return bytes[0] === 0 && bytes[1] === 0 && (bytes[2] === 1 || (bytes[2] === 0 && bytes[3] === 1));
}

/** An access unit in Annex B form turned into the canonical, length-prefixed form. A copy. */
export function annexBToLengthPrefixed(bytes: Uint8Array): Uint8Array {
  const w = new ByteWriter(bytes.length + 64);
  writeLengthPrefixed(w, annexBNalUnits(bytes));
  return w.toBytes();
}

/**
 * Writes a length-prefixed access unit in Annex B form, each NAL unit behind a 4-byte start code; exactly as many bytes as
 * `accessUnit` has. Throws FormatError when a length runs past the end.
 */
export function writeAnnexB(w: ByteWriter, accessUnit: Uint8Array): void {
  const base = w.offset;
  w.put(accessUnit);
  for (let at = 0, end = 0; at < accessUnit.length; at = end) {
    end = nalUnitEnd(accessUnit, at);
    w.patchU32(base + at, 1);
  }
}
