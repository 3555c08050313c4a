import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MediaError } from "../../base/media-error.ts";
import { ByteWriter } from "../../bytes/byte-writer.ts";
import { fromHex } from "../../bytes/hex.ts";
import { ParserDriver } from "../../bytes/parser.ts";
import { flvStream } from "./flv-parser.ts";
import { FLV_TAG_OVERHEAD_BYTES, type FlvTag, type FlvTagType, writeFlvHeader, writeFlvTag } from "./flv-tag.ts";
import { readFlvTags } from "./flv-testing.ts";

const tag: fc.Arbitrary<FlvTag> = fc.record({
  type: fc.constantFrom<FlvTagType>(8, 9, 18),
  timestamp: fc.oneof(fc.integer({ min: 0, max: 0xffffffff }), fc.constantFrom(0, 0xffffff, 0x1000000, 0xffffffff)),
  data: fc.uint8Array({ maxLength: 30 }),
});

function file(tags: FlvTag[]): Uint8Array {
  const w = new ByteWriter();
  writeFlvHeader(w, true, true);
  for (const each of tags) writeFlvTag(w, each);
  return w.toBytes();
}

describe("flvStream", () => {
  test("reads the tags that were written, however the bytes are cut", () => {
    fc.assert(
      fc.property(fc.array(tag, { maxLength: 6 }), fc.array(fc.nat(200), { maxLength: 6 }), (tags, cuts) => {
        const bytes = file(tags);
        const read: FlvTag[] = [];
        const driver = new ParserDriver(
          flvStream((each) => read.push({ ...each, data: each.data.slice() })),
          { format: "flv", maxAskBytes: 1024 },
        );
        const edges = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)).sort((a, b) => a - b), bytes.length];
        for (let i = 1; i < edges.length; i++) driver.push(bytes.subarray(edges[i - 1], edges[i]));
        expect(read).toEqual(tags);
        expect(driver.bufferedBytes).toBe(0);
      }),
    );
  });

  test("TimestampExtended is the high byte", () => {
    expect(readFlvTags(fromHex("464c5601050000000900000000 08 000001 020304 01 000000 ff 0000000c"))).toEqual([
      { type: 8, timestamp: 0x01020304, data: Uint8Array.of(0xff) },
    ]);
  });

  test("skips what a longer header holds, tags of unknown type, and wrong sizes behind tags", () => {
    const bytes = fromHex(
      "464c5601000000000b aabb 00000000 0f 000002 000000 00 000000 1234 00000000 09 000001 000005 00 000000 52 ffffffff",
    );
    expect(readFlvTags(bytes)).toEqual([{ type: 9, timestamp: 5, data: Uint8Array.of(0x52) }]);
  });

  test("what is not FLV is refused at its header", () => {
    expect(() => readFlvTags(fromHex("474554202f6c697665"))).toThrow(
      "flv: the stream does not begin with an FLV header of version 1",
    );
    expect(() => readFlvTags(fromHex("464c56020500000009"))).toThrow("flv: the stream does not begin");
    expect(() => readFlvTags(fromHex("464c56010500000008"))).toThrow("flv: DataOffset 8, below 9");
    expect(() => readFlvTags(fromHex("464c560105ffffffff"))).toThrow("above the limit of 1024");
  });

  test("an encrypted tag and one above the limit are refused before they are read", () => {
    expect(() => readFlvTags(fromHex("464c5601050000000900000000 29 000001 000000 00 000000"))).toThrow("flv: an encrypted tag");
    expect(() => readFlvTags(fromHex("464c5601050000000900000000 09 ffffff 000000 00 000000"))).toThrow(
      "flv: a tag of 16777215 bytes is above the limit",
    );
  });

  test("random bytes give tags or a MediaError", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (bytes, hasHeader) => {
        try {
          readFlvTags(hasHeader ? Uint8Array.of(...fromHex("464c5601050000000900000000"), ...bytes) : bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(MediaError);
        }
      }),
    );
  });
});

test("a written tag has its body and 15 bytes", () => {
  fc.assert(fc.property(tag, (each) => void expect(file([each]).length).toBe(13 + FLV_TAG_OVERHEAD_BYTES + each.data.length)));
});
