import { expect, test } from "vitest";
import { ByteWriter } from "./byte-writer.ts";

test("put grows a writer that is too small", () => {
  const w = new ByteWriter(1);
  w.put(Uint8Array.of(1, 2, 3));
  w.put(Uint8Array.of(4));
  expect(w.toBytes()).toEqual(Uint8Array.of(1, 2, 3, 4));
});
