import { LimitError } from "../../base/media-error.ts";
import { ByteReader } from "../../bytes/byte-reader.ts";
import { ByteWriter } from "../../bytes/byte-writer.ts";
import { FormatError } from "../../bytes/format-error.ts";

/** OBU types of the AV1 specification, §6.2.2. */
export const OBU_SEQUENCE_HEADER = 1;
export const OBU_TEMPORAL_DELIMITER = 2;

/** Tiles of the largest level plus headers and metadata; more is no temporal unit. */
export const MAX_OBUS_PER_TEMPORAL_UNIT = 1024;
/** leb128() takes eight bytes at most. §4.10.5. */
const MAX_LEB128_BYTES = 8;

/** An open bitstream unit. Views into what was read. */
export interface Obu {
  readonly type: number;
  readonly hasSizeField: boolean;
  /** The header with its extension byte, without the size field. */
  readonly header: Uint8Array;
  readonly payload: Uint8Array;
}

/**
 * Splits a temporal unit in the low-overhead format (§5.2) into OBUs; one without a size field reaches to the end. Throws FormatError
 * when a size runs past the end, LimitError when there are too many.
 */
export function* obus(temporalUnit: Uint8Array): Generator<Obu> {
  const reader = new ByteReader(temporalUnit, "av1");
  for (let count = 0; reader.remaining > 0; count++) {
    if (count === MAX_OBUS_PER_TEMPORAL_UNIT) {
      throw new LimitError(`av1: more than ${MAX_OBUS_PER_TEMPORAL_UNIT} OBUs in a temporal unit`);
    }
    const start = reader.offset;
    const head = reader.u8();
    if ((head & 0x80) !== 0) throw new FormatError(`av1: obu_forbidden_bit set at byte ${start}`);
    if ((head & 4) !== 0) reader.skip(1);
    const header = temporalUnit.subarray(start, reader.offset);
    const hasSizeField = (head & 2) !== 0;
    const payload = hasSizeField ? reader.take(readLeb128(reader)) : reader.rest();
    yield { type: (head >> 3) & 15, hasSizeField, header, payload };
  }
}

/** leb128(): seven bits a byte, the lowest first. Throws FormatError above 32 bits, which the specification forbids. */
export function readLeb128(reader: ByteReader): number {
  let value = 0;
  for (let i = 0; i < MAX_LEB128_BYTES; i++) {
    const byte = reader.u8();
    value += (byte & 0x7f) * 2 ** (7 * i);
    if (byte >= 0x80) continue;
    if (value > 0xffffffff) break;
    return value;
  }
  throw new FormatError(`av1: leb128 above 32 bits before byte ${reader.offset}`);
}

export function writeLeb128(w: ByteWriter, value: number): void {
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 128)) w.u8((rest % 128) | 0x80);
  w.u8(rest);
}

/**
 * The temporal unit in canonical form: no temporal delimiters, every OBU with its size field. `temporalUnit` itself, not a copy, when
 * it is in that form already.
 */
export function canonicalTemporalUnit(temporalUnit: Uint8Array): Uint8Array {
  let isCanonical = true;
  for (const obu of obus(temporalUnit)) if (!obu.hasSizeField || obu.type === OBU_TEMPORAL_DELIMITER) isCanonical = false;
  if (isCanonical) return temporalUnit;
  const w = new ByteWriter(temporalUnit.length + MAX_LEB128_BYTES);
  for (const obu of obus(temporalUnit)) {
    if (obu.type === OBU_TEMPORAL_DELIMITER) continue;
    w.u8(obu.header[0]! | 2);
    w.put(obu.header.subarray(1));
    writeLeb128(w, obu.payload.length);
    w.put(obu.payload);
  }
  return w.toBytes();
}
