import { assert } from "../../base/assert.ts";
import { ByteReader } from "../../bytes/byte-reader.ts";
import { ByteWriter } from "../../bytes/byte-writer.ts";
import { FormatError } from "../../bytes/format-error.ts";
import {
  AmfBudget,
  AmfDictionary,
  AmfEcmaArray,
  type AmfObject,
  AmfReferences,
  AmfTypedObject,
  type AmfValue,
  AmfVector,
  AmfXml,
  isAmfList,
  MAX_AMF_DEPTH,
} from "./amf-value.ts";
import { readAmf3 } from "./amf3.ts";
import { writeAmf3 } from "./amf3-writer.ts";
import { encodeUtf8, readUtf8, writeUtf8Short } from "./utf8.ts";

export type { AmfObject, AmfValue } from "./amf-value.ts";

/** Type markers of AMF0. Adobe AMF 0 specification, §2.1. */
export const AMF0 = {
  number: 0x00,
  boolean: 0x01,
  string: 0x02,
  object: 0x03,
  null: 0x05,
  undefined: 0x06,
  reference: 0x07,
  ecmaArray: 0x08,
  objectEnd: 0x09,
  strictArray: 0x0a,
  date: 0x0b,
  longString: 0x0c,
  unsupported: 0x0d,
  xmlDocument: 0x0f,
  typedObject: 0x10,
  avmplus: 0x11,
} as const;

/**
 * Reads one AMF0 value from the reader's position; references count from that value. Throws FormatError for wrong bytes and cycles,
 * LimitError beyond the depth, count or length limits of `amf-value.ts`.
 */
export function readAmf0(reader: ByteReader): AmfValue {
  return new Amf0Reader(reader).value();
}

class Amf0Reader {
  readonly #reader: ByteReader;
  readonly #budget = new AmfBudget();
  readonly #objects = new AmfReferences(this.#budget);

  constructor(reader: ByteReader) {
    this.#reader = reader;
  }

  value(): AmfValue {
    const reader = this.#reader;
    this.#budget.count();
    const marker = reader.u8();
    switch (marker) {
      case AMF0.number:
        return reader.f64();
      case AMF0.boolean:
        return reader.u8() !== 0;
      case AMF0.string:
        return this.#text(reader.u16());
      case AMF0.null:
        return null;
      case AMF0.undefined:
      case AMF0.unsupported:
        return undefined;
      case AMF0.date: {
        const time = reader.f64();
        reader.skip(2); // time zone: reserved, "should not be used"
        return new Date(time);
      }
      case AMF0.longString:
        return this.#text(reader.u32());
      case AMF0.xmlDocument:
        return new AmfXml(this.#text(reader.u32()));
      case AMF0.avmplus:
        return readAmf3(reader, this.#budget);
      default:
        return this.#container(marker);
    }
  }

  #container(marker: number): AmfValue {
    switch (marker) {
      case AMF0.object:
        return this.#objects.read(() => this.#properties());
      case AMF0.ecmaArray: {
        const count = this.#reader.u32();
        return this.#objects.read(() => new AmfEcmaArray(this.#properties(count)));
      }
      case AMF0.strictArray: {
        const count = this.#reader.u32();
        return this.#objects.read(() => this.#values(count));
      }
      case AMF0.typedObject: {
        const className = this.#text(this.#reader.u16());
        return this.#objects.read(() => new AmfTypedObject(className, this.#properties()));
      }
      case AMF0.reference:
        return this.#reference(this.#reader.u16());
      default:
        throw new FormatError(`amf0: type marker 0x${marker.toString(16)} at byte ${this.#reader.offset - 1}`);
    }
  }

  #reference(index: number): AmfValue {
    const known = this.#objects.at(index);
    if (!known) throw new FormatError(`amf0: reference ${index} to nothing that is complete at byte ${this.#reader.offset - 3}`);
    return known.value;
  }

  /**
   * Pairs of name and value up to the empty name and its object-end marker. The count of an ECMA array is a hint that many encoders
   * get wrong, and some leave the end marker out where the message ends.
   */
  #properties(count = Number.POSITIVE_INFINITY): AmfObject {
    const properties: Record<string, AmfValue> = Object.create(null);
    for (let read = 0; read < count || this.#reader.remaining > 0; read++) {
      const name = this.#text(this.#reader.u16());
      if (name === "" && this.#reader.bytes[this.#reader.offset] === AMF0.objectEnd) {
        this.#reader.skip(1);
        return properties;
      }
      properties[name] = this.value();
    }
    return properties;
  }

  #values(count: number): AmfValue[] {
    const items: AmfValue[] = [];
    for (let i = 0; i < count; i++) items.push(this.value());
    return items;
  }

  #text(length: number): string {
    this.#budget.countText(length);
    return readUtf8(this.#reader, length);
  }
}

/**
 * Writes one AMF0 value, every object in full, without references. What only AMF3 has (byte arrays, vectors, dictionaries, E4X) goes
 * behind the avmplus marker. Names above 65,535 bytes are cut. A value deeper than the reader's limit is a bug.
 */
export function writeAmf0(w: ByteWriter, value: AmfValue, depth = 0): void {
  assert(depth <= MAX_AMF_DEPTH, "an AMF value of bounded depth");
  if (typeof value === "number") {
    w.u8(AMF0.number);
    w.f64(value);
  } else if (typeof value === "boolean") {
    w.u8(AMF0.boolean);
    w.u8(value ? 1 : 0);
  } else if (typeof value === "string") writeString(w, value);
  else if (value === undefined) w.u8(AMF0.undefined);
  else if (value === null) w.u8(AMF0.null);
  else if (value instanceof Date) {
    w.u8(AMF0.date);
    w.f64(value.getTime());
    w.u16(0);
  } else writeContainer(w, value, depth + 1);
}

function writeContainer(
  w: ByteWriter,
  value: Exclude<AmfValue, null | undefined | boolean | number | string | Date>,
  depth: number,
): void {
  if (isAmfList(value)) {
    w.u8(AMF0.strictArray);
    w.u32(value.length);
    for (const item of value) writeAmf0(w, item, depth);
  } else if (value instanceof AmfEcmaArray) {
    const properties: AmfObject = { ...Object.fromEntries(value.items.entries()), ...value.properties };
    w.u8(AMF0.ecmaArray);
    w.u32(Object.keys(properties).length);
    writeProperties(w, properties, depth);
  } else if (value instanceof AmfTypedObject) {
    w.u8(AMF0.typedObject);
    writeUtf8Short(w, value.className);
    writeProperties(w, value.properties, depth);
  } else if (value instanceof AmfXml && value.isLegacy) {
    w.u8(AMF0.xmlDocument);
    writeUtf8Long(w, value.text);
  } else if (
    value instanceof Uint8Array ||
    value instanceof AmfXml ||
    value instanceof AmfVector ||
    value instanceof AmfDictionary
  ) {
    w.u8(AMF0.avmplus);
    writeAmf3(w, value, depth - 1);
  } else {
    w.u8(AMF0.object);
    writeProperties(w, value, depth);
  }
}

function writeProperties(w: ByteWriter, properties: AmfObject, depth: number): void {
  for (const [name, value] of Object.entries(properties)) {
    writeUtf8Short(w, name);
    writeAmf0(w, value, depth);
  }
  w.u24(AMF0.objectEnd); // the empty name, then the marker
}

function writeString(w: ByteWriter, text: string): void {
  const bytes = encodeUtf8(text);
  const isLong = bytes.length > 0xffff;
  w.u8(isLong ? AMF0.longString : AMF0.string);
  if (isLong) w.u32(bytes.length);
  else w.u16(bytes.length);
  w.put(bytes);
}

function writeUtf8Long(w: ByteWriter, text: string): void {
  const bytes = encodeUtf8(text);
  w.u32(bytes.length);
  w.put(bytes);
}

/** The values one behind the other, as commands and script data have them. */
export function encodeAmf0(...values: AmfValue[]): Uint8Array {
  const w = new ByteWriter(256);
  for (const value of values) writeAmf0(w, value);
  return w.toBytes();
}

/** All values that stand one behind the other in `bytes`, at most `maxValues`. */
export function decodeAmf0(bytes: Uint8Array, maxValues = 64): AmfValue[] {
  const reader = new ByteReader(bytes, "amf0");
  const values: AmfValue[] = [];
  while (reader.remaining > 0 && values.length < maxValues) values.push(readAmf0(reader));
  return values;
}
