import fc from "fast-check";
import { expect, test } from "vitest";
import { type Parser, ParserDriver } from "./parser.ts";

function* lengthPrefixed(emit: (text: string) => void): Parser {
  for (;;) {
    const [length = 0] = yield 1;
    if (length === 0) return;
    emit(String.fromCharCode(...(yield length)));
  }
}

test("a grammar emits the same however its input is cut", () => {
  const input = Uint8Array.from([3, 97, 98, 99, 1, 100, 2, 101, 102, 0, 42]);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: input.length }), { maxLength: 6 }), (cuts) => {
      const emitted: string[] = [];
      const driver = new ParserDriver(
        lengthPrefixed((text) => emitted.push(text)),
        { format: "test", maxAskBytes: 8 },
      );
      const edges = [0, ...cuts.sort((a, b) => a - b), input.length];
      for (let i = 1; i < edges.length; i++) driver.push(input.subarray(edges[i - 1], edges[i]));
      expect(emitted).toEqual(["abc", "d", "ef"]);
      expect(driver.isDone).toBe(true);
      expect(driver.rest()).toEqual(Uint8Array.of(42));
    }),
  );
});

test("an ask above the limit is refused before anything is buffered for it", () => {
  const driver = new ParserDriver(
    lengthPrefixed(() => {}),
    { format: "test", maxAskBytes: 8 },
  );
  expect(() => driver.push(Uint8Array.of(9))).toThrow("test: a unit of 9 bytes is above the limit of 8");
});
