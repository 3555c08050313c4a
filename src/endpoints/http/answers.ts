import type { Socket } from "node:net";
import { MediaError } from "../../base/media-error.ts";
import { writeResponseHead } from "../../protocols/http/response-head.ts";
import { endSocket } from "../tcp/socket-sink.ts";

/** Any page may play and publish: access is decided by admission, not by origin. */
export const CORS_HEADERS: readonly (readonly [string, string])[] = [
  ["Access-Control-Allow-Origin", "*"],
  ["Access-Control-Expose-Headers", "*"],
];

const STATUS_BY_CODE: Readonly<Record<string, number>> = {
  "bad-name": 400,
  format: 400,
  limit: 413,
  refused: 403,
  "not-found": 404,
  "stream-busy": 409,
  revoked: 409,
  stopping: 503,
  overloaded: 503,
};

/** The status that tells a peer of an error. */
export function statusOf(error: unknown): number {
  if (!(error instanceof MediaError)) return 500;
  return STATUS_BY_CODE[error.code] ?? 400;
}

/** The body that says what went wrong. */
export function errorBody(error: unknown): string {
  const code = error instanceof MediaError ? error.code : "internal";
  const message = error instanceof MediaError ? error.message : "internal error";
  return `${JSON.stringify({ error: { code, message } })}\n`;
}

/** Answers on a raw socket and closes it. To HEAD the body is described and not sent (RFC 9110 §9.3.2). */
export function answerAndClose(
  socket: Socket,
  status: number,
  body: string,
  headers: readonly (readonly [string, string])[] = [],
  isHead = false,
): void {
  if (socket.destroyed) return;
  const head = writeResponseHead(status, [
    ...CORS_HEADERS,
    ["Content-Type", "application/json"],
    ["Content-Length", Buffer.byteLength(body)],
    ["Cache-Control", "no-store"],
    ["Connection", "close"],
    ...headers,
  ]);
  socket.write(head);
  endSocket(socket, isHead ? "" : body);
}

/** Answers with the error's status and reason and closes the socket; a peer that has left is not answered. */
export function refuse(socket: Socket, error: unknown, isHead = false): void {
  if (error instanceof MediaError && error.code === "aborted") socket.destroy();
  else answerAndClose(socket, statusOf(error), errorBody(error), [], isHead);
}
