import { ByteReader } from "../../bytes/byte-reader.ts";
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
  type AmfVectorKind,
  AmfXml,
} from "./amf-value.ts";
import { readUtf8 } from "./utf8.ts";

/** Type markers of AMF3. Adobe AMF 3 specification, §3.1. */
export const AMF3 = {
  undefined: 0x00,
  null: 0x01,
  false: 0x02,
  true: 0x03,
  integer: 0x04,
  double: 0x05,
  string: 0x06,
  xmlDocument: 0x07,
  date: 0x08,
  array: 0x09,
  object: 0x0a,
  xml: 0x0b,
  byteArray: 0x0c,
  vectorInt: 0x0d,
  vectorUint: 0x0e,
  vectorDouble: 0x0f,
  vectorObject: 0x10,
  dictionary: 0x11,
} as const;

/** Classes that write themselves: of these it is known that they write one value, which stands for them. */
const WRAPPERS = new Set(["flex.messaging.io.ArrayCollection", "flex.messaging.io.ArrayList", "flex.messaging.io.ObjectProxy"]);

/** Names that an object's class declares, in the order of the values. */
interface Traits {
  readonly className: string;
  readonly names: readonly string[];
  readonly isDynamic: boolean;
  readonly isExternalizable: boolean;
}

/**
 * Reads one AMF3 value from the reader's position, with string, object and traits references within it. Bytes are copied out.
 * Throws FormatError for wrong bytes and cycles, LimitError beyond the depth, count or length limits.
 */
export function readAmf3(reader: ByteReader, budget: AmfBudget = new AmfBudget()): AmfValue {
  return new Amf3Reader(reader, budget).value();
}

class Amf3Reader {
  readonly #reader: ByteReader;
  readonly #budget: AmfBudget;
  readonly #objects: AmfReferences;
  readonly #strings: { text: string; bytes: number }[] = [];
  readonly #traits: Traits[] = [];

  constructor(reader: ByteReader, budget: AmfBudget) {
    this.#reader = reader;
    this.#budget = budget;
    this.#objects = new AmfReferences(budget);
  }

  value(): AmfValue {
    this.#budget.count();
    const marker = this.#reader.u8();
    switch (marker) {
      case AMF3.undefined:
        return undefined;
      case AMF3.null:
        return null;
      case AMF3.false:
        return false;
      case AMF3.true:
        return true;
      case AMF3.integer:
        return (this.#u29() << 3) >> 3;
      case AMF3.double:
        return this.#reader.f64();
      case AMF3.string:
        return this.#string();
      default:
        return this.#complex(marker);
    }
  }

  /** A value that can be referred to: an odd number holds its length or flags, an even one is twice the reference. */
  #complex(marker: number): AmfValue {
    if (marker < AMF3.xmlDocument || marker > AMF3.dictionary) throw this.#wrong(`type marker 0x${marker.toString(16)}`);
    const head = this.#u29();
    if ((head & 1) === 0) {
      const known = this.#objects.at(head >> 1);
      if (!known) throw this.#wrong(`object reference ${head >> 1} to nothing that is complete`);
      return known.value;
    }
    return this.#objects.read(() => this.#body(marker, head >> 1));
  }

  #body(marker: number, head: number): AmfValue {
    switch (marker) {
      case AMF3.xmlDocument:
      case AMF3.xml:
        return new AmfXml(this.#text(head), marker === AMF3.xmlDocument);
      case AMF3.date:
        return new Date(this.#reader.f64());
      case AMF3.array:
        return this.#array(head);
      case AMF3.object:
        return this.#object(head);
      case AMF3.byteArray:
        this.#budget.countText(head);
        return this.#reader.take(head).slice();
      case AMF3.dictionary:
        return this.#dictionary(head);
      default:
        return this.#vector(marker, head);
    }
  }

  #array(count: number): AmfValue {
    const properties = this.#names();
    const items = this.#values(count);
    return Object.keys(properties).length === 0 ? items : new AmfEcmaArray(properties, items);
  }

  /** Pairs of name and value up to the empty name. */
  #names(into: Record<string, AmfValue> = Object.create(null)): AmfObject {
    for (let name = this.#string(); name !== ""; name = this.#string()) into[name] = this.value();
    return into;
  }

  #values(count: number): AmfValue[] {
    const items: AmfValue[] = [];
    for (let i = 0; i < count; i++) items.push(this.value());
    return items;
  }

  #object(head: number): AmfValue {
    const traits = this.#readTraits(head);
    if (traits.isExternalizable) {
      if (WRAPPERS.has(traits.className)) return this.value();
      throw this.#wrong(`externalizable class "${traits.className.slice(0, 64)}"`);
    }
    const properties: Record<string, AmfValue> = Object.create(null);
    for (const name of traits.names) properties[name] = this.value();
    if (traits.isDynamic) this.#names(properties);
    return traits.className === "" ? properties : new AmfTypedObject(traits.className, properties);
  }

  /** `head` is the object's number without its lowest bit. §3.12. */
  #readTraits(head: number): Traits {
    if ((head & 1) === 0) {
      const known = this.#traits[head >> 1];
      if (!known) throw this.#wrong(`traits reference ${head >> 1} of ${this.#traits.length}`);
      this.#budget.count(known.names.length);
      return known;
    }
    const className = this.#string();
    const count = head >> 3;
    this.#budget.count(count);
    const names: string[] = [];
    for (let i = 0; i < count; i++) names.push(this.#string());
    const traits = { className, names, isExternalizable: (head & 2) !== 0, isDynamic: (head & 4) !== 0 };
    this.#traits.push(traits);
    return traits;
  }

  #vector(marker: number, count: number): AmfValue {
    const isFixed = this.#reader.u8() !== 0;
    if (marker === AMF3.vectorObject) {
      const className = this.#string();
      return new AmfVector("object", this.#values(count), isFixed, className);
    }
    this.#budget.count(count);
    const kind: AmfVectorKind = marker === AMF3.vectorInt ? "int" : marker === AMF3.vectorUint ? "uint" : "double";
    const items: number[] = [];
    for (let i = 0; i < count; i++) items.push(this.#vectorItem(kind));
    return new AmfVector(kind, items, isFixed);
  }

  #vectorItem(kind: AmfVectorKind): number {
    if (kind === "double") return this.#reader.f64();
    return kind === "int" ? this.#reader.i32() : this.#reader.u32();
  }

  #dictionary(count: number): AmfValue {
    const hasWeakKeys = this.#reader.u8() !== 0;
    const entries: [AmfValue, AmfValue][] = [];
    for (let i = 0; i < count; i++) entries.push([this.value(), this.value()]);
    return new AmfDictionary(entries, hasWeakKeys);
  }

  /** UTF-8-vr: text, or a reference to an earlier one; the empty string is never in the table. §1.3.2. */
  #string(): string {
    const head = this.#u29();
    if ((head & 1) === 0) {
      const known = this.#strings[head >> 1];
      if (!known) throw this.#wrong(`string reference ${head >> 1} of ${this.#strings.length}`);
      this.#budget.countText(known.bytes);
      return known.text;
    }
    const text = this.#text(head >> 1);
    if (head > 1) {
      this.#budget.count();
      this.#strings.push({ text, bytes: head >> 1 });
    }
    return text;
  }

  #text(length: number): string {
    this.#budget.countText(length);
    return readUtf8(this.#reader, length);
  }

  /** U29: seven bits in each of the first three bytes while their highest bit is set, eight in the fourth. §1.3.1. */
  #u29(): number {
    let value = 0;
    for (let i = 0; i < 3; i++) {
      const byte = this.#reader.u8();
      value = (value << 7) | (byte & 0x7f);
      if (byte < 0x80) return value;
    }
    return (value << 8) | this.#reader.u8();
  }

  #wrong(what: string): FormatError {
    return new FormatError(`amf3: ${what} before byte ${this.#reader.offset}`);
  }
}

/** One AMF3 value that takes all of `bytes`, or the first of them. */
export function decodeAmf3(bytes: Uint8Array): AmfValue {
  return readAmf3(new ByteReader(bytes, "amf3"));
}
