import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { parseRequestHead, type RequestHead } from "../http/request-head.ts";
import { acceptKey, answerUpgrade, wantsWebSocket } from "./handshake.ts";

const sha1 = (data: Uint8Array) => createHash("sha1").update(data).digest();

/** The client's handshake of RFC 6455 §1.2, with changes: a value of undefined leaves the header out. */
function request(changes: Record<string, string | undefined> = {}, line = "GET /chat HTTP/1.1"): RequestHead {
  const headers: Record<string, string | undefined> = {
    Host: "server.example.com",
    Upgrade: "websocket",
    Connection: "keep-alive, Upgrade",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version": "13",
    ...changes,
  };
  const lines = Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value}\r\n`]));
  const head = parseRequestHead(new TextEncoder().encode(`${line}\r\n${lines.join("")}\r\n`));
  if (head === undefined) throw new Error("incomplete");
  return head;
}

test("the accept key is that of RFC 6455 §1.3", () => {
  expect(acceptKey("dGhlIHNhbXBsZSBub25jZQ==", sha1)).toBe("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
});

test("a right request is answered with 101, its accept key, and no extension", () => {
  expect(answerUpgrade(request({ "Sec-WebSocket-Extensions": "permessage-deflate" }), sha1)).toEqual({
    status: 101,
    headers: [
      ["Upgrade", "websocket"],
      ["Connection", "Upgrade"],
      ["Sec-WebSocket-Accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="],
    ],
    reason: "",
  });
});

test("the server's first subprotocol that the client offers is chosen, in its exact spelling", () => {
  const offered = request({ "Sec-WebSocket-Protocol": "chat, flv" });
  expect(answerUpgrade(offered, sha1, ["ts", "flv", "chat"]).headers).toContainEqual(["Sec-WebSocket-Protocol", "flv"]);
  expect(answerUpgrade(offered, sha1, ["FLV"]).headers.map(([name]) => name)).not.toContain("Sec-WebSocket-Protocol");
});

test.each([
  ["no upgrade", request({ Upgrade: undefined }), 426],
  ["another upgrade", request({ Upgrade: "h2c" }), 426],
  ["no connection header", request({ Connection: undefined }), 400],
  ["a connection header without upgrade", request({ Connection: "close" }), 400],
  ["an old version", request({ "Sec-WebSocket-Version": "8" }), 426],
  ["no version", request({ "Sec-WebSocket-Version": undefined }), 426],
  ["no key", request({ "Sec-WebSocket-Key": undefined }), 400],
  ["a short key", request({ "Sec-WebSocket-Key": "dGhl" }), 400],
  ["a key with stray bits at its end", request({ "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZR==" }), 400],
  ["another method", request({}, "POST /chat HTTP/1.1"), 405],
  ["HTTP/1.0", request({}, "GET /chat HTTP/1.0"), 505],
])("a request with %s is refused with a reason", (_, head, status) => {
  const answer = answerUpgrade(head, sha1);
  expect(answer.status).toBe(status);
  expect(answer.reason).not.toBe("");
  if (status === 426) expect(answer.headers).toContainEqual(["Sec-WebSocket-Version", "13"]);
});

test("a request wants a WebSocket when its Upgrade header says so, in any case", () => {
  expect(wantsWebSocket(request({ Upgrade: "foo, WebSocket" }))).toBe(true);
  expect(wantsWebSocket(request({ Upgrade: undefined }))).toBe(false);
});
