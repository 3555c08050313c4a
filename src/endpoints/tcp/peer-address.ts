import type { Socket } from "node:net";

const MAPPED_IPV4 = /^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i;

/** The peer's address as people write it: an IPv4 address that came through an IPv6 listener is plain IPv4. Empty when it has left. */
export function peerAddress(socket: Socket): string {
  return (socket.remoteAddress ?? "").replace(MAPPED_IPV4, "");
}
