import type { SocketClosed } from "./push-socket.ts";

/** Closes that are about this moment, not about this stream: the server restarts, the network broke. RFC 6455 §7.4.1. */
const PASSING_CODES = new Set([1000, 1001, 1005, 1006, 1011, 1012, 1013, 1014]);

/** The server's reason when it will refuse again, so that trying again needs a decision of the user; null when it is worth another try. */
export function refusalOf({ code, reason }: SocketClosed): string | null {
  if (PASSING_CODES.has(code)) return null;
  return reason === "" ? `The server closed the connection (code ${code}).` : `The server says: ${reason}`;
}
