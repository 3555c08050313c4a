import { assert } from "../../base/assert.ts";
import type { ByteWriter } from "../../bytes/byte-writer.ts";
import {
  AmfDictionary,
  AmfEcmaArray,
  type AmfObject,
  AmfTypedObject,
  type AmfValue,
  AmfVector,
  type AmfVectorKind,
  AmfXml,
  isAmfList,
  MAX_AMF_DEPTH,
} from "./amf-value.ts";
import { AMF3 } from "./amf3.ts";
import { encodeUtf8 } from "./utf8.ts";

const MIN_INTEGER = -(2 ** 28);
const MAX_INTEGER = 2 ** 28 - 1;
const VECTOR_MARKERS: Record<AmfVectorKind, number> = {
  int: AMF3.vectorInt,
  uint: AMF3.vectorUint,
  double: AMF3.vectorDouble,
  object: AMF3.vectorObject,
};

/** Writes one AMF3 value, every string and object in full, without references. A value deeper than the reader's limit is a bug. */
export function writeAmf3(w: ByteWriter, value: AmfValue, depth = 0): void {
  assert(depth <= MAX_AMF_DEPTH, "an AMF value of bounded depth");
  if (value === undefined) w.u8(AMF3.undefined);
  else if (value === null) w.u8(AMF3.null);
  else if (typeof value === "boolean") w.u8(value ? AMF3.true : AMF3.false);
  else if (typeof value === "number") writeNumber(w, value);
  else if (typeof value === "string") {
    w.u8(AMF3.string);
    writeText(w, value);
  } else if (value instanceof Date) {
    w.u8(AMF3.date);
    w.u8(1);
    w.f64(value.getTime());
  } else if (value instanceof AmfXml) {
    w.u8(value.isLegacy ? AMF3.xmlDocument : AMF3.xml);
    writeText(w, value.text);
  } else if (value instanceof Uint8Array) {
    w.u8(AMF3.byteArray);
    writeBytes(w, value);
  } else writeContainer(w, value, depth + 1);
}

type Container = readonly AmfValue[] | AmfObject | AmfEcmaArray | AmfTypedObject | AmfVector | AmfDictionary;

function writeContainer(w: ByteWriter, value: Container, depth: number): void {
  if (value instanceof AmfVector) writeVector(w, value, depth);
  else if (value instanceof AmfDictionary) writeDictionary(w, value, depth);
  else if (value instanceof AmfEcmaArray) writeArray(w, value.properties, value.items, depth);
  else if (value instanceof AmfTypedObject) writeObject(w, value.className, value.properties, depth);
  else if (isAmfList(value)) writeArray(w, {}, value, depth);
  else writeObject(w, "", value, depth);
}

function writeNumber(w: ByteWriter, value: number): void {
  if (Number.isInteger(value) && value >= MIN_INTEGER && value <= MAX_INTEGER && !Object.is(value, -0)) {
    w.u8(AMF3.integer);
    writeU29(w, value & 0x1fffffff);
  } else {
    w.u8(AMF3.double);
    w.f64(value);
  }
}

function writeArray(w: ByteWriter, properties: AmfObject, items: readonly AmfValue[], depth: number): void {
  w.u8(AMF3.array);
  writeU29(w, (items.length << 1) | 1);
  writeNames(w, properties, depth);
  for (const item of items) writeAmf3(w, item, depth);
}

/** A dynamic class without declared names: one way to say every object. */
function writeObject(w: ByteWriter, className: string, properties: AmfObject, depth: number): void {
  w.u8(AMF3.object);
  w.u8(0x0b);
  writeText(w, className);
  writeNames(w, properties, depth);
}

/** Ends with the empty name, so a property of that name cannot be said and is left out. */
function writeNames(w: ByteWriter, properties: AmfObject, depth: number): void {
  for (const [name, value] of Object.entries(properties)) {
    if (name === "") continue;
    writeText(w, name);
    writeAmf3(w, value, depth);
  }
  w.u8(1);
}

function writeVector(w: ByteWriter, vector: AmfVector, depth: number): void {
  w.u8(VECTOR_MARKERS[vector.kind]);
  writeU29(w, (vector.items.length << 1) | 1);
  w.u8(vector.isFixed ? 1 : 0);
  if (vector.kind === "object") writeText(w, vector.className);
  for (const item of vector.items) {
    if (vector.kind === "object") writeAmf3(w, item, depth);
    else if (vector.kind === "double") w.f64(Number(item));
    else w.u32(Number(item));
  }
}

function writeDictionary(w: ByteWriter, dictionary: AmfDictionary, depth: number): void {
  w.u8(AMF3.dictionary);
  writeU29(w, (dictionary.entries.length << 1) | 1);
  w.u8(dictionary.hasWeakKeys ? 1 : 0);
  for (const [key, value] of dictionary.entries) {
    writeAmf3(w, key, depth);
    writeAmf3(w, value, depth);
  }
}

function writeText(w: ByteWriter, text: string): void {
  writeBytes(w, encodeUtf8(text));
}

function writeBytes(w: ByteWriter, bytes: Uint8Array): void {
  assert(bytes.length <= MAX_INTEGER, "AMF3 lengths have 28 bits");
  writeU29(w, (bytes.length << 1) | 1);
  w.put(bytes);
}

function writeU29(w: ByteWriter, value: number): void {
  if (value >= 0x200000) {
    w.u8(0x80 | (value >>> 22));
    w.u8(0x80 | (value >>> 15));
    w.u8(0x80 | (value >>> 8));
    w.u8(value);
    return;
  }
  if (value >= 0x4000) w.u8(0x80 | (value >>> 14));
  if (value >= 0x80) w.u8(0x80 | (value >>> 7));
  w.u8(value & 0x7f);
}
