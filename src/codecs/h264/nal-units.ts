import { LimitError } from "../../base/media-error.ts";
import { ByteReader } from "../../bytes/byte-reader.ts";
import type { ByteWriter } from "../../bytes/byte-writer.ts";
import { FormatError } from "../../bytes/format-error.ts";

/** Bytes of the length in front of a NAL unit. `lengthSizeMinusOne` = 2 is not allowed, but read all the same. */
export type LengthSize = 1 | 2 | 3 | 4;

/** A 4K picture in slices of one packet each has some hundred; more is no picture. */
export const MAX_NAL_UNITS_PER_ACCESS_UNIT = 4096;

/**
 * Splits an access unit in length-prefixed form into NAL units, H.264's and HEVC's alike. ISO/IEC 14496-15 §5.3.4.2.
 * Yields views into `accessUnit`. Throws FormatError when a length runs past the end. Not for the per-frame path: see `nalUnitEnd`.
 */
export function* nalUnits(accessUnit: Uint8Array, lengthSize: LengthSize = 4): Generator<Uint8Array> {
  const reader = new ByteReader(accessUnit, "avcc");
  while (reader.remaining > 0) yield reader.take(reader.uint(lengthSize));
}

/**
 * Where the NAL unit ends whose 4-byte length is at `at`; its bytes are `at + 4` to the result. A walk without allocation:
 *
 *   for (let at = 0, end = 0; at < au.length; at = end) {
 *     end = nalUnitEnd(au, at);
 *     const nalUnitType = au[at + 4]! & 0x1f; // when end > at + 4
 *   }
 */
export function nalUnitEnd(accessUnit: Uint8Array, at: number): number {
  const have = accessUnit.length - at - 4;
  if (have < 0) throw new FormatError(`avcc: need 4 bytes, have ${accessUnit.length - at} at byte ${at}`);
  const length = ((accessUnit[at]! << 24) | (accessUnit[at + 1]! << 16) | (accessUnit[at + 2]! << 8) | accessUnit[at + 3]!) >>> 0;
  if (length > have) throw new FormatError(`avcc: need ${length} bytes, have ${have} at byte ${at + 4}`);
  return at + 4 + length;
}

/** Whether the lengths of all NAL units add up to the whole of `accessUnit`. */
export function isLengthPrefixed(accessUnit: Uint8Array, lengthSize: LengthSize = 4): boolean {
  let at = 0;
  while (at + lengthSize <= accessUnit.length) {
    let length = 0;
    for (let i = 0; i < lengthSize; i++) length = length * 256 + accessUnit[at + i]!;
    at += lengthSize + length;
  }
  return at === accessUnit.length;
}

/** Writes NAL units with 4-byte lengths: the canonical form of an access unit. */
export function writeLengthPrefixed(w: ByteWriter, units: Iterable<Uint8Array>): void {
  let count = 0;
  for (const unit of units) {
    if (++count > MAX_NAL_UNITS_PER_ACCESS_UNIT) {
      throw new LimitError(`avcc: more than ${MAX_NAL_UNITS_PER_ACCESS_UNIT} NAL units in an access unit`);
    }
    w.u32(unit.length);
    w.put(unit);
  }
}

/** Removes the emulation prevention bytes (00 00 03 → 00 00) of a NAL unit. ISO/IEC 14496-10 §7.4.1. Copies. */
export function unescapeNalUnit(unit: Uint8Array): Uint8Array {
  const rbsp = new Uint8Array(unit.length);
  let length = 0;
  let zeros = 0;
  for (const byte of unit) {
    if (zeros >= 2 && byte === 3) {
      zeros = 0;
      continue;
    }
    zeros = byte === 0 ? zeros + 1 : 0;
    rbsp[length++] = byte;
  }
  return rbsp.subarray(0, length);
}
