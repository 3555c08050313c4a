import fc from "fast-check";
import { expect, test } from "vitest";
import { fromHex, toHex } from "./hex.ts";

test("fromHex reads what toHex wrote", () => {
  fc.assert(fc.property(fc.uint8Array(), (bytes) => void expect(fromHex(toHex(bytes))).toEqual(bytes)));
});

test("fromHex skips white space and refuses anything else", () => {
  expect(fromHex(" 0a FF\n01")).toEqual(Uint8Array.of(10, 255, 1));
  expect(() => fromHex("0")).toThrow("hex:");
  expect(() => fromHex("0g")).toThrow("hex:");
});
