import { LimitError } from "../../base/media-error.ts";

/**
 * A value of AMF0 or AMF3 as JavaScript has it. Objects are plain, without a prototype when they were read, so that a peer's key
 * `__proto__` is a key like any other. What JavaScript has no type for is one of the classes below.
 */
export type AmfValue =
  | undefined
  | null
  | boolean
  | number
  | string
  | Date
  | Uint8Array
  | AmfObject
  | AmfEcmaArray
  | AmfTypedObject
  | AmfXml
  | AmfVector
  | AmfDictionary
  | readonly AmfValue[];

export interface AmfObject {
  readonly [name: string]: AmfValue;
}

/** AMF0's ECMA array, and AMF3's array that has names: what `onMetaData` usually is. */
export class AmfEcmaArray {
  readonly properties: AmfObject;
  /** AMF3's dense part; empty in AMF0. */
  readonly items: readonly AmfValue[];

  constructor(properties: AmfObject, items: readonly AmfValue[] = []) {
    this.properties = properties;
    this.items = items;
  }
}

/** An object of a named class. */
export class AmfTypedObject {
  readonly className: string;
  readonly properties: AmfObject;

  constructor(className: string, properties: AmfObject) {
    this.className = className;
    this.properties = properties;
  }
}

/** An XML document as text. `isLegacy`: AMF0's and AMF3's XMLDocument, not E4X. */
export class AmfXml {
  readonly text: string;
  readonly isLegacy: boolean;

  constructor(text: string, isLegacy = true) {
    this.text = text;
    this.isLegacy = isLegacy;
  }
}

export type AmfVectorKind = "int" | "uint" | "double" | "object";

/** AMF3's vector. `className` only for objects. */
export class AmfVector {
  readonly kind: AmfVectorKind;
  readonly items: readonly AmfValue[];
  readonly isFixed: boolean;
  readonly className: string;

  constructor(kind: AmfVectorKind, items: readonly AmfValue[], isFixed = false, className = "") {
    this.kind = kind;
    this.items = items;
    this.isFixed = isFixed;
    this.className = className;
  }
}

/** AMF3's dictionary: any value may be a key. */
export class AmfDictionary {
  readonly entries: readonly (readonly [AmfValue, AmfValue])[];
  readonly hasWeakKeys: boolean;

  constructor(entries: readonly (readonly [AmfValue, AmfValue])[], hasWeakKeys = false) {
    this.entries = entries;
    this.hasWeakKeys = hasWeakKeys;
  }
}

/** The named properties of an object, an ECMA array or a typed object; undefined of anything else. */
export function amfProperties(value: AmfValue): AmfObject | undefined {
  if (value instanceof AmfEcmaArray || value instanceof AmfTypedObject) return value.properties;
  return isAmfObject(value) ? value : undefined;
}

/** Whether the value is a plain object. */
export function isAmfObject(value: AmfValue): value is AmfObject {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

/** `Array.isArray`, which does not narrow readonly arrays. */
export function isAmfList(value: AmfValue): value is readonly AmfValue[] {
  return Array.isArray(value);
}

/** Containers within containers. */
export const MAX_AMF_DEPTH = 32;
/** Values in one top-level value, each counted again where a reference repeats it. A file's seek index has two per key frame. */
export const MAX_AMF_VALUES = 65_536;
/** Bytes of all strings, XML and byte arrays in one top-level value, each counted again where a reference repeats it. */
export const MAX_AMF_TEXT_BYTES = 4 * 1024 * 1024;

/** What is left of the limits while one top-level value is read, AMF3 within AMF0 included. */
export class AmfBudget {
  #depth = 0;
  /** The greatest depth since the innermost open container began. */
  #deepest = 0;
  #values = 0;
  #textBytes = 0;

  /** Values counted so far: the difference over a container is its size, for references to it. */
  get values(): number {
    return this.#values;
  }

  get textBytes(): number {
    return this.#textBytes;
  }

  /** Reads a container with `fill`, one deeper. Returns how many containers it holds within each other, itself included. */
  nest(fill: () => void): number {
    const outside = this.#deepest;
    this.deepen(1);
    this.#deepest = ++this.#depth;
    fill();
    const height = this.#deepest - --this.#depth;
    this.#deepest = Math.max(outside, this.#depth + height);
    return height;
  }

  /** Notes containers of that height at the current depth. */
  deepen(height: number): void {
    const depth = this.#depth + height;
    if (depth > MAX_AMF_DEPTH) throw new LimitError(`amf: more than ${MAX_AMF_DEPTH} containers within each other`);
    this.#deepest = Math.max(this.#deepest, depth);
  }

  count(values = 1): void {
    this.#values += values;
    if (this.#values > MAX_AMF_VALUES) throw new LimitError(`amf: more than ${MAX_AMF_VALUES} values`);
  }

  countText(bytes: number): void {
    this.#textBytes += bytes;
    if (this.#textBytes > MAX_AMF_TEXT_BYTES) throw new LimitError(`amf: more than ${MAX_AMF_TEXT_BYTES} bytes of text`);
  }
}

interface Reference {
  value: AmfValue;
  /** Containers within each other, itself included; 0 while it is being read. */
  height: number;
  values: number;
  textBytes: number;
}

/**
 * The containers read so far, for references by number. A reference gives the same object again and counts as much as it holds, so
 * that a few bytes cannot stand for a value without end; one to a container that is still open would be a cycle and is refused.
 */
export class AmfReferences {
  readonly #budget: AmfBudget;
  readonly #references: Reference[] = [];

  constructor(budget: AmfBudget) {
    this.#budget = budget;
  }

  /** Takes the next number for a container that begins here, and reads it with `fill`. */
  read(fill: () => AmfValue): AmfValue {
    const budget = this.#budget;
    const reference: Reference = { value: undefined, height: 0, values: budget.values, textBytes: budget.textBytes };
    this.#references.push(reference);
    reference.height = budget.nest(() => {
      reference.value = fill();
    });
    reference.values = budget.values - reference.values;
    reference.textBytes = budget.textBytes - reference.textBytes;
    return reference.value;
  }

  /** The container with that number; undefined when there is none, or it is not complete. */
  at(index: number): { readonly value: AmfValue } | undefined {
    const reference = this.#references[index];
    if (!reference || reference.height === 0) return undefined;
    this.#budget.deepen(reference.height);
    this.#budget.count(reference.values);
    this.#budget.countText(reference.textBytes);
    return reference;
  }
}
