import { expect, test } from "vitest";
import { FormatError } from "../../bytes/format-error.ts";
import { writeResponseHead } from "./response-head.ts";

const textOf = (bytes: Uint8Array) => String.fromCharCode(...bytes);

test("a response head is its status line, its fields in order and an empty line", () => {
  const head = writeResponseHead(200, [
    ["Content-Type", "video/x-flv"],
    ["Content-Length", 12],
  ]);
  expect(textOf(head)).toBe("HTTP/1.1 200 OK\r\nContent-Type: video/x-flv\r\nContent-Length: 12\r\n\r\n");
});

test("a status without a known phrase keeps the space that the grammar wants", () => {
  expect(textOf(writeResponseHead(299, []))).toBe("HTTP/1.1 299 \r\n\r\n");
});

test.each([
  ["X", "a\r\nSet-Cookie: b"],
  ["X", "a\nb"],
  ["X", "a\0"],
  ["X", "€"],
  ["X Y", "a"],
  ["X:", "a"],
  ["", "a"],
])("a header that would break the head is refused: %j: %j", (name, value) => {
  expect(() => writeResponseHead(200, [[name, value]])).toThrow(FormatError);
});
