import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LimitError, MediaError } from "../../base/media-error.ts";
import { FormatError } from "../../bytes/format-error.ts";
import { MAX_HEADER_COUNT } from "./headers.ts";
import { MAX_HEAD_BYTES, MAX_TARGET_BYTES, parseRequestHead, statusOfHeadError } from "./request-head.ts";
import { RequestHeadBuffer } from "./request-head-buffer.ts";

const bytesOf = (text: string) => Uint8Array.from(text, (c) => c.charCodeAt(0));
const parse = (text: string) => parseRequestHead(bytesOf(text));
const get = (target: string) => parse(`GET ${target} HTTP/1.1\r\nHost: h\r\n\r\n`);

function statusOf(text: string): number {
  try {
    parse(text);
  } catch (error) {
    expect(error).toBeInstanceOf(MediaError);
    return statusOfHeadError(error);
  }
  return 200;
}

describe("a request head", () => {
  test("gives method, target, path, query, version and headers by lower-case name", () => {
    const text =
      "GET /live/cam%201.flv?start=-30&a=%2F HTTP/1.1\r\nHost: example.org:8080\r\nUser-Agent:  Lavf/59 \r\nRange: bytes=0-\r\n\r\n";
    const head = parse(`${text}BODY`);
    expect(head).toMatchObject({
      method: "GET",
      target: "/live/cam%201.flv?start=-30&a=%2F",
      path: "/live/cam 1.flv",
      query: "start=-30&a=%2F",
      authority: "example.org:8080",
      version: "1.1",
      headLength: text.length,
    });
    expect([...(head?.headers ?? [])]).toEqual([
      ["host", "example.org:8080"],
      ["user-agent", "Lavf/59"],
      ["range", "bytes=0-"],
    ]);
  });

  test("skips one empty line before the request line, and only one", () => {
    expect(parse("\r\nGET / HTTP/1.0\r\n\r\n")).toMatchObject({ version: "1.0", headLength: 20, authority: "" });
    expect(statusOf("\r\n\r\nGET / HTTP/1.0\r\n\r\n")).toBe(400);
  });

  test("takes its authority from an absolute-form target, before the Host header", () => {
    expect(get("http://cdn.example:81/live/a.flv?x")).toMatchObject({
      path: "/live/a.flv",
      query: "x",
      authority: "cdn.example:81",
    });
    expect(get("HTTP://cdn.example?x")).toMatchObject({ path: "/", query: "x", authority: "cdn.example" });
    expect(() => get("http://user:pw@cdn/")).toThrow(FormatError);
    expect(() => get("ftp://cdn/")).toThrow(FormatError);
  });

  test("joins repeated fields, cookies with a semicolon", () => {
    const head = parse("GET / HTTP/1.0\r\nAccept: a\r\nACCEPT: b\r\nCookie: c=1\r\ncookie: d=2\r\n\r\n");
    expect(head?.headers.get("accept")).toBe("a, b");
    expect(head?.headers.get("cookie")).toBe("c=1; d=2");
  });

  test("keeps obs-text bytes of a value as they are and trims only space and tab", () => {
    const head = parse("GET / HTTP/1.0\r\nX: \t\xa0\xfc \t\r\n\r\n");
    expect(head?.headers.get("x")).toBe("\xa0\xfc");
  });

  test.each([
    ["a bare line feed", "GET / HTTP/1.0\nX: y\r\n\r\n", 400],
    ["a bare carriage return", "GET / HTTP/1.0\r\nX: y\rZ: w\r\n\r\n", 400],
    ["a continuation line", "GET / HTTP/1.0\r\nX: y\r\n z\r\n\r\n", 400],
    ["white space before the colon", "GET / HTTP/1.0\r\nX : y\r\n\r\n", 400],
    ["a header without colon", "GET / HTTP/1.0\r\nX\r\n\r\n", 400],
    ["a header without name", "GET / HTTP/1.0\r\n: y\r\n\r\n", 400],
    ["NUL in a value", "GET / HTTP/1.0\r\nX: a\0b\r\n\r\n", 400],
    ["two spaces in the request line", "GET  / HTTP/1.0\r\n\r\n", 400],
    ["HTTP/0.9", "GET /\r\n\r\n", 400],
    ["a version of two digits", "GET / HTTP/1.10\r\n\r\n", 400],
    ["HTTP/2.0 in a request line", "PRI * HTTP/2.0\r\n\r\n", 400],
    ["HTTP/2.0 with a path", "GET / HTTP/2.0\r\n\r\n", 505],
    ["a method that is no token", "G(T / HTTP/1.0\r\n\r\n", 400],
    ["CONNECT's authority-form", "CONNECT h:80 HTTP/1.1\r\nHost: h\r\n\r\n", 400],
    ["an unencoded byte above 0x7e in the target", "GET /\xe9 HTTP/1.0\r\n\r\n", 400],
    ["a fragment", "GET /a#b HTTP/1.0\r\n\r\n", 400],
    ["an escape cut short", "GET /%4 HTTP/1.0\r\n\r\n", 400],
    ["an escape that is not UTF-8", "GET /%ff HTTP/1.0\r\n\r\n", 400],
    ["an encoded NUL", "GET /a%00.flv HTTP/1.0\r\n\r\n", 400],
    ["an encoded line feed", "GET /a%0a HTTP/1.0\r\n\r\n", 400],
    ["an encoded slash", "GET /a%2Fb HTTP/1.0\r\n\r\n", 400],
    ["HTTP/1.1 without host", "GET / HTTP/1.1\r\n\r\n", 400],
    ["two hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400],
    ["two content lengths", "POST / HTTP/1.0\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n", 400],
    ["a list of content lengths", "POST / HTTP/1.0\r\nContent-Length: 1, 1\r\n\r\n", 400],
    ["a negative content length", "POST / HTTP/1.0\r\nContent-Length: -1\r\n\r\n", 400],
    ["both framings", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400],
    ["transfer-encoding in HTTP/1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400],
    ["a target above its limit", `GET /${"a".repeat(MAX_TARGET_BYTES)} HTTP/1.0\r\n\r\n`, 414],
    ["an endless target", `GET /${"a".repeat(3000)}`, 414],
    ["an endless target that comes in one piece", `GET /${"a".repeat(100_000)}`, 414],
    ["one header too many", `GET / HTTP/1.0\r\n${"X: y\r\n".repeat(MAX_HEADER_COUNT + 1)}\r\n`, 431],
    ["a head above its limit", `GET / HTTP/1.0\r\nX: ${"y".repeat(MAX_HEAD_BYTES)}\r\n\r\n`, 431],
    ["an endless header", `GET / HTTP/1.0\r\nX: ${"y".repeat(MAX_HEAD_BYTES)}`, 431],
    ["a TLS hello", "\x16\x03\x01\x02\x00\x01", 400],
    ["an RTMP handshake", "\x03\x00\x00\x00\x00", 400],
  ])("is refused for %s", (_, text, status) => {
    expect(statusOf(text)).toBe(status);
  });

  test("is accepted at exactly its limits", () => {
    const target = `/${"a".repeat(MAX_TARGET_BYTES - 1)}`;
    const start = `GET ${target} HTTP/1.0\r\n${"X: y\r\n".repeat(MAX_HEADER_COUNT - 1)}Z: `;
    const text = `${start}${"z".repeat(MAX_HEAD_BYTES - start.length - 4)}\r\n\r\n`;
    expect(text.length).toBe(MAX_HEAD_BYTES);
    expect(parse(text)?.headers.size).toBe(2);
  });
});

describe("RequestHeadBuffer", () => {
  const text = "\r\nPOST http://h/live/a?x=1 HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nFLV\x01\x05";

  test("finds the same head however the bytes are cut, and keeps all of them", () => {
    const input = bytesOf(text);
    const whole = parseRequestHead(input);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: input.length }), { maxLength: 8 }), (cuts) => {
        const buffer = new RequestHeadBuffer();
        const edges = [0, ...cuts.sort((a, b) => a - b), input.length];
        for (let i = 1; i < edges.length; i++) {
          const head = buffer.push(input.subarray(edges[i - 1], edges[i]));
          if (head === undefined) continue;
          expect(head).toEqual(whole);
          expect(buffer.received).toEqual(input.subarray(0, edges[i]));
          return;
        }
        expect.unreachable("the head was not found");
      }),
    );
  });

  test("waits for the last byte when fed one byte at a time", () => {
    const buffer = new RequestHeadBuffer();
    const input = bytesOf(text);
    let found = 0;
    for (let i = 0; found === 0; i++) if (buffer.push(input.subarray(i, i + 1))) found = i + 1;
    expect(found).toBe(text.indexOf("\r\n\r\n") + 4);
  });

  test("refuses an endless head after no more than the limit", () => {
    const buffer = new RequestHeadBuffer();
    buffer.push(bytesOf("GET / HTTP/1.1\r\nX: "));
    const push = () => {
      for (let i = 0; i < MAX_HEAD_BYTES; i++) buffer.push(Uint8Array.of(0x61));
    };
    expect(push).toThrow(LimitError);
    expect(buffer.received.length).toBeLessThanOrEqual(MAX_HEAD_BYTES);
  });

  test("random and mutated bytes give a head, nothing yet, or a MediaError", () => {
    const seed = bytesOf(text);
    const mutated = fc
      .array(fc.tuple(fc.nat(seed.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 })
      .map((edits) => seed.map((byte, i) => edits.find(([at]) => at === i)?.[1] ?? byte));
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), mutated), (bytes) => {
        try {
          new RequestHeadBuffer().push(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(MediaError);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
