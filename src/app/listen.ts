import { createServer, type Server } from "node:net";
import { MediaError } from "../base/media-error.ts";

/** `::` on a host without IPv6 falls back to this. */
const IPV4_ANY = "0.0.0.0";
const LOOPBACK = "127.0.0.1";

/** An address and its ports, found free. */
export interface BoundPorts {
  readonly host: string;
  readonly ports: readonly number[];
}

/**
 * Binds each port alone for a moment: finds one that is taken, which `reusePort` would hide, and fixes port 0. Throws MediaError
 * `port-taken` or `port-refused` that names the port.
 */
export async function claimPorts(host: string, ports: readonly number[], kind: string): Promise<BoundPorts> {
  const servers: Server[] = [];
  let usable = host;
  try {
    for (const port of ports) {
      const claimed = await claim(usable, port, kind);
      usable = claimed.host;
      servers.push(claimed.server);
    }
    return { host: usable, ports: servers.map(portOf) };
  } finally {
    await Promise.all(servers.map(closeServer));
  }
}

/** Listens with the options that all threads share. */
export function listen(server: Server, host: string, port: number, reusePort: boolean): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject);
  server.listen({ host, port, reusePort, exclusive: true, ipv6Only: false, backlog: 4096 }, () => {
    server.off("error", reject);
    resolve();
  });
  return promise;
}

export function portOf(server: Server): number {
  const address = server.address();
  return typeof address === "object" && address ? address.port : 0;
}

export function closeServer(server: Server): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  server.close(() => resolve());
  return promise;
}

/** True when several threads can listen on one port here: not on macOS and Windows. */
export async function supportsReusePort(): Promise<boolean> {
  const server = createServer();
  try {
    await listen(server, LOOPBACK, 0, true);
    await closeServer(server);
    return true;
  } catch {
    return false;
  }
}

async function claim(host: string, port: number, kind: string): Promise<{ server: Server; host: string }> {
  const server = createServer();
  try {
    await listen(server, host, port, false);
    return { server, host };
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    if (host === "::" && (code === "EAFNOSUPPORT" || code === "EADDRNOTAVAIL")) return claim(IPV4_ANY, port, kind);
    throw portError(kind, host, port, code, error);
  }
}

function portError(kind: string, host: string, port: number, code: string, cause: unknown): MediaError {
  if (code === "EADDRINUSE")
    return new MediaError(`${kind} port ${port} is taken by another program`, { code: "port-taken", cause });
  if (code === "EACCES")
    return new MediaError(`${kind} port ${port} may not be used by this user`, { code: "port-refused", cause });
  return new MediaError(`cannot listen on ${host} port ${port} for ${kind} (${code})`, { code: "port-refused", cause });
}
