import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MediaError } from "../../base/media-error.ts";
import { ByteReader } from "../../bytes/byte-reader.ts";
import { ByteWriter } from "../../bytes/byte-writer.ts";
import { fromHex, toHex } from "../../bytes/hex.ts";
import {
  AmfDictionary,
  AmfEcmaArray,
  type AmfObject,
  AmfTypedObject,
  type AmfValue,
  AmfVector,
  AmfXml,
  amfProperties,
  isAmfObject,
} from "./amf-value.ts";
import { decodeAmf0, encodeAmf0, readAmf0 } from "./amf0.ts";
import { decodeAmf3 } from "./amf3.ts";
import { writeAmf3 } from "./amf3-writer.ts";

function encodeAmf3(value: AmfValue): Uint8Array {
  const w = new ByteWriter();
  writeAmf3(w, value);
  return w.toBytes();
}

const hex = (text: string): string => toHex(new TextEncoder().encode(text));

const AMF0_VECTORS: { name: string; bytes: string; value: AmfValue }[] = [
  { name: "a number", bytes: "00 3ff8000000000000", value: 1.5 },
  { name: "true", bytes: "01 01", value: true },
  { name: "a string", bytes: `02 0004 ${hex("live")}`, value: "live" },
  { name: "a string beyond ASCII", bytes: `02 0008 ${hex("Zoë ✓")}`, value: "Zoë ✓" },
  { name: "a string that is not UTF-8", bytes: "02 0003 5a6feb", value: "Zo\ufffd" },
  { name: "an object", bytes: `03 0003 ${hex("app")} 02 0004 ${hex("live")} 000009`, value: { app: "live" } },
  { name: "null", bytes: "05", value: null },
  { name: "undefined", bytes: "06", value: undefined },
  {
    name: "an ECMA array whose count is wrong",
    bytes: `08 00000000 0001 ${hex("a")} 05 000009`,
    value: new AmfEcmaArray({ a: null }),
  },
  { name: "an ECMA array without an end marker", bytes: `08 00000001 0001 ${hex("a")} 05`, value: new AmfEcmaArray({ a: null }) },
  { name: "a strict array", bytes: "0a 00000002 05 01 00", value: [null, false] },
  { name: "a date with a time zone", bytes: "0b 4271a30d45800000 ffc4", value: new Date(1_212_000_000_000) },
  { name: "a long string", bytes: `0c 00000002 ${hex("ok")}`, value: "ok" },
  { name: "unsupported", bytes: "0d", value: undefined },
  { name: "an XML document", bytes: `0f 00000004 ${hex("<a/>")}`, value: new AmfXml("<a/>") },
  {
    name: "a typed object",
    bytes: `10 0001 ${hex("T")} 0001 ${hex("x")} 05 000009`,
    value: new AmfTypedObject("T", { x: null }),
  },
  { name: "AMF3 behind the avmplus marker", bytes: "11 04 05", value: 5 },
  {
    name: "a reference to a container that is complete",
    bytes: "0a 00000002 0a 00000001 05 07 0001",
    value: [[null], [null]],
  },
];

const AMF3_VECTORS: { name: string; bytes: string; value: AmfValue }[] = [
  { name: "the greatest integer of one byte", bytes: "04 7f", value: 127 },
  { name: "the least integer of two bytes", bytes: "04 8100", value: 128 },
  { name: "the least integer of three bytes", bytes: "04 818000", value: 16384 },
  { name: "the least integer of four bytes", bytes: "04 80c08000", value: 0x200000 },
  { name: "a negative integer", bytes: "04 ffffffff", value: -1 },
  { name: "a double", bytes: "05 3ff8000000000000", value: 1.5 },
  { name: "a string and a reference to it", bytes: `09 05 01 06 05 ${hex("ab")} 06 00`, value: ["ab", "ab"] },
  { name: "an array with names", bytes: `09 03 03 ${hex("a")} 02 01 03`, value: new AmfEcmaArray({ a: false }, [true]) },
  {
    name: "an object of a class with declared names",
    bytes: `0a 13 03 ${hex("T")} 03 ${hex("x")} 01`,
    value: new AmfTypedObject("T", { x: null }),
  },
  {
    name: "two objects of one class: a traits reference",
    bytes: `09 05 01 0a 13 03 ${hex("T")} 03 ${hex("x")} 01 0a 01 02`,
    value: [new AmfTypedObject("T", { x: null }), new AmfTypedObject("T", { x: false })],
  },
  { name: "an object reference", bytes: "09 05 01 0c 03 ff 0c 02", value: [Uint8Array.of(255), Uint8Array.of(255)] },
  { name: "a vector of int", bytes: "0d 05 00 ffffffff 00000001", value: new AmfVector("int", [-1, 1]) },
  { name: "a dictionary", bytes: "11 03 00 04 01 03", value: new AmfDictionary([[1, true]]) },
  { name: "E4X", bytes: `0b 09 ${hex("<a/>")}`, value: new AmfXml("<a/>", false) },
  { name: "an ArrayCollection", bytes: `0a 07 43 ${hex("flex.messaging.io.ArrayCollection")} 09 03 01 03`, value: [true] },
];

const scalar: fc.Arbitrary<AmfValue> = fc.oneof(
  fc.constant(undefined),
  fc.constant(null),
  fc.boolean(),
  fc.double(),
  fc.integer(),
  fc.string({ unit: "grapheme" }),
  fc.date(),
  fc.string({ unit: "grapheme" }).map((text) => new AmfXml(text)),
  fc.uint8Array({ maxLength: 8 }),
);
const name = fc.oneof(fc.string({ minLength: 1, maxLength: 6, unit: "grapheme" }), fc.constantFrom("__proto__", "constructor"));
const { value: amfValue } = fc.letrec<{ value: AmfValue; object: AmfObject }>((tie) => ({
  object: fc.dictionary(name, tie("value"), { maxKeys: 4, noNullPrototype: false }),
  value: fc.oneof(
    { depthSize: "small" },
    scalar,
    fc.array(tie("value"), { maxLength: 4 }),
    tie("object"),
    fc.dictionary(name, tie("value"), { minKeys: 1, maxKeys: 4 }).map((properties) => new AmfEcmaArray(properties)),
    fc.tuple(name, tie("object")).map(([className, properties]) => new AmfTypedObject(className, properties)),
    fc.array(fc.integer(), { maxLength: 4 }).map((items) => new AmfVector("int", items)),
    fc.array(fc.nat(), { maxLength: 4 }).map((items) => new AmfVector("uint", items, true)),
    fc.array(fc.double(), { maxLength: 4 }).map((items) => new AmfVector("double", items)),
    fc.array(tie("value"), { maxLength: 4 }).map((items) => new AmfVector("object", items, false, "T")),
    fc.array(fc.tuple(tie("value"), tie("value")), { maxLength: 3 }).map((entries) => new AmfDictionary(entries, true)),
  ),
}));

describe("AMF0", () => {
  test.each(AMF0_VECTORS)("reads $name", ({ bytes, value }) => {
    const encoded = fromHex(bytes);
    const reader = new ByteReader(encoded, "amf0");
    expect(readAmf0(reader)).toEqual(value);
    expect(reader.offset).toBe(encoded.length);
  });

  test("reads what was written", () => {
    fc.assert(fc.property(amfValue, (value) => void expect(decodeAmf0(encodeAmf0(value))).toEqual([value])));
  });

  test("text above 65,535 bytes is a long string, and a name of that length is cut between characters", () => {
    const text = "é".repeat(40_000);
    expect(decodeAmf0(encodeAmf0(text))).toEqual([text]);
    expect(Object.keys(decodeAmf0(encodeAmf0({ [text]: 1 }))[0] as AmfObject)).toEqual(["é".repeat(32_767)]);
  });

  test("a reference to the object that it is in is refused", () => {
    expect(() => decodeAmf0(fromHex("0a 00000001 07 0000"))).toThrow("amf0: reference 0 to nothing that is complete at byte 5");
  });

  test("references that would unfold to millions of values are refused", () => {
    // each array holds the array before it twice
    let bytes = "0a 00000015 0a 00000001 05";
    for (let i = 1; i <= 20; i++)
      bytes += ` 0a 00000002 07 ${i.toString(16).padStart(4, "0")} 07 ${i.toString(16).padStart(4, "0")}`;
    expect(() => decodeAmf0(fromHex(bytes))).toThrow("amf: more than 65536 values");
  });

  test("references that would unfold to a depth above the limit are refused", () => {
    let bytes = "0a 00000029 0a 00000001 05";
    for (let i = 1; i <= 40; i++) bytes += ` 0a 00000001 07 ${i.toString(16).padStart(4, "0")}`;
    expect(() => decodeAmf0(fromHex(bytes))).toThrow("amf: more than 32 containers within each other");
  });

  test("depth, count and length have limits", () => {
    expect(() => decodeAmf0(fromHex("0a00000001".repeat(33)))).toThrow("amf: more than 32 containers within each other");
    const many = new Uint8Array(70_000).fill(5);
    many.set(fromHex("0a ffffffff"));
    expect(() => decodeAmf0(many)).toThrow("amf: more than 65536 values");
    expect(() => decodeAmf0(fromHex("0c ffffffff"))).toThrow("amf: more than 4194304 bytes of text");
  });

  test("a key __proto__ is a key like any other", () => {
    const [value] = decodeAmf0(fromHex(`03 0009 ${hex("__proto__")} 03 0001 ${hex("x")} 05 000009 000009`));
    expect(Object.keys(value as AmfObject)).toEqual(["__proto__"]);
    expect((value as AmfObject).x).toBeUndefined();
  });
});

describe("AMF3", () => {
  test.each(AMF3_VECTORS)("reads $name", ({ bytes, value }) => {
    expect(decodeAmf3(fromHex(bytes))).toEqual(value);
  });

  test.each(AMF3_VECTORS.slice(0, 6))("writes $name", ({ bytes, value }) => {
    expect(encodeAmf3(value)).toEqual(fromHex(bytes));
  });

  test("reads what was written", () => {
    fc.assert(fc.property(amfValue, (value) => void expect(decodeAmf3(encodeAmf3(value))).toEqual(value)));
  });

  test("references to nothing are refused", () => {
    expect(() => decodeAmf3(fromHex("06 02"))).toThrow("amf3: string reference 1 of 0");
    expect(() => decodeAmf3(fromHex("0a 02"))).toThrow("amf3: object reference 1 to nothing");
    expect(() => decodeAmf3(fromHex("0a 05"))).toThrow("amf3: traits reference 1 of 0");
    expect(() => decodeAmf3(fromHex("09 03 01 09 00"))).toThrow("amf3: object reference 0 to nothing that is complete");
  });

  test("a class that writes itself in an unknown way is refused", () => {
    expect(() => decodeAmf3(fromHex(`0a 07 03 ${hex("X")}`))).toThrow('amf3: externalizable class "X"');
  });

  test("a long text repeated by reference counts each time", () => {
    const text = new Uint8Array(100_000).fill(0x61);
    const w = new ByteWriter();
    w.put(fromHex("09 8101 01 06 8c9a41"));
    w.put(text);
    for (let i = 0; i < 63; i++) w.put(fromHex("06 00"));
    expect(() => decodeAmf3(w.toBytes())).toThrow("amf: more than 4194304 bytes of text");
  });
});

test("random and mutated bytes give a value that can be written, or a MediaError", () => {
  const mutated = fc
    .tuple(fc.constantFrom(...AMF0_VECTORS, ...AMF3_VECTORS), fc.array(fc.tuple(fc.nat(30), fc.nat(255)), { maxLength: 4 }))
    .map(([vector, changes]) => {
      const bytes = fromHex(vector.bytes);
      for (const [at, byte] of changes) bytes[at] = byte;
      return bytes;
    });
  fc.assert(
    fc.property(fc.oneof(mutated, fc.uint8Array({ maxLength: 40 })), (bytes) => {
      for (const decode of [decodeAmf0, decodeAmf3]) {
        try {
          const value = decode(bytes);
          encodeAmf0(value);
          encodeAmf3(value);
        } catch (error) {
          expect(error).toBeInstanceOf(MediaError);
        }
      }
    }),
    { numRuns: 2000 },
  );
});

test("amfProperties gives the names of whatever has names", () => {
  const properties = { a: 1 };
  expect(amfProperties(properties)).toBe(properties);
  expect(amfProperties(new AmfEcmaArray(properties))).toBe(properties);
  expect(amfProperties(new AmfTypedObject("T", properties))).toBe(properties);
  for (const other of [null, undefined, 1, "a", [1], new Date(0), new Uint8Array(1)])
    expect(amfProperties(other)).toBeUndefined();
  expect(isAmfObject(new AmfXml(""))).toBe(false);
});
