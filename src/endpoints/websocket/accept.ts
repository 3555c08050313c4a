import { createHash } from "node:crypto";
import type { Socket } from "node:net";
import type { RequestHead } from "../../protocols/http/request-head.ts";
import { writeResponseHead } from "../../protocols/http/response-head.ts";
import { answerUpgrade } from "../../protocols/websocket/handshake.ts";
import { answerAndClose } from "../http/answers.ts";

const sha1 = (data: Uint8Array): Uint8Array => createHash("sha1").update(data).digest();

/** Answers an opening handshake. False when it was refused and the socket closed. */
export function acceptWebSocket(head: RequestHead, socket: Socket): boolean {
  const answer = answerUpgrade(head, sha1);
  if (answer.status !== 101) {
    answerAndClose(
      socket,
      answer.status,
      `${JSON.stringify({ error: { code: "handshake", message: answer.reason } })}\n`,
      answer.headers,
    );
    return false;
  }
  socket.write(writeResponseHead(101, answer.headers));
  return true;
}
