import fc from "fast-check";
import { expect, test } from "vitest";
import { fromHex } from "../../bytes/hex.ts";
import { type OpusHead, plainOpusHead, readOpusHead, writeOpusHead } from "./opus-head.ts";

const MAGIC = "4f70757348656164";

test("reads libopus's header", () => {
  expect(readOpusHead(fromHex(`${MAGIC} 01 02 3801 80bb0000 0000 00`))).toMatchObject({
    channelCount: 2,
    preSkip: 312,
    inputSampleRate: 48000,
    outputGain: 0,
  });
});

test("reads what was written", () => {
  const head: fc.Arbitrary<OpusHead> = fc.integer({ min: 1, max: 255 }).chain((channelCount) =>
    fc.record({
      channelCount: fc.constant(channelCount),
      preSkip: fc.nat(0xffff),
      inputSampleRate: fc.nat(0xffffffff),
      outputGain: fc.integer({ min: -32768, max: 32767 }),
      channelMappingFamily: fc.integer({ min: 1, max: 255 }),
      channelMapping: fc.uint8Array({ minLength: channelCount + 2, maxLength: channelCount + 2 }),
    }),
  );
  fc.assert(fc.property(head, (value) => void expect(readOpusHead(writeOpusHead(value))).toEqual(value)));
  expect(readOpusHead(plainOpusHead(1))).toMatchObject({ channelCount: 1, channelMappingFamily: 0 });
});

test("something else, no channels, a later version and a mapping that is cut are refused", () => {
  expect(() => readOpusHead(fromHex("4f70757354616773 01"))).toThrow("opus: the configuration does not begin with OpusHead");
  expect(() => readOpusHead(fromHex(`${MAGIC} 01 00`))).toThrow("opus: OpusHead with no channels");
  expect(() => readOpusHead(fromHex(`${MAGIC} 10 02`))).toThrow("opus: OpusHead version 16");
  expect(() => readOpusHead(fromHex(`${MAGIC} 01 06 3801 80bb0000 0000 01 0402 0004`))).toThrow("opus: need 8 bytes, have 4");
});
