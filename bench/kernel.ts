import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

/** Linux: level and name of SO_RCVBUF, socket(7). */
const SOL_SOCKET = 1;
const SO_RCVBUF = 8;
const PAGE_BYTES = 4096;
/** State of a socket in /proc/net/tcp, as hex. */
const ESTABLISHED = "01";

type SetReceiveBuffer = (descriptor: number, bytes: number) => boolean;

/** What can bound the receive buffers of our own sockets; undefined without koffi or elsewhere than on Linux. */
export function loadSetReceiveBuffer(): SetReceiveBuffer | undefined {
  if (process.platform !== "linux") return undefined;
  try {
    const koffi: typeof import("koffi") = createRequire(import.meta.url)("koffi");
    const set = koffi
      .load("libc.so.6")
      .func("int setsockopt(int fd, int level, int name, const int *value, unsigned int length)");
    return (descriptor, bytes) => set(descriptor, SOL_SOCKET, SO_RCVBUF, [bytes], 4) === 0;
  } catch {
    return undefined;
  }
}

/** What all TCP sockets of this machine hold in buffers, both ends of loopback connections included; 0 where /proc is not. */
export function readTcpBufferBytes(): number {
  return Number(/^TCP:.* mem (\d+)/m.exec(readFile("/proc/net/sockstat"))?.[1] ?? 0) * PAGE_BYTES;
}

/**
 * The remote ports of IPv4 connections that a process still holds on its `port`. What the process has closed is not among them, even
 * when its last bytes are still waiting for a peer that does not read.
 */
export function openRemotePorts(port: number): Set<number> {
  const remotes = new Set<number>();
  const own = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  for (const line of readFile("/proc/net/tcp").split("\n")) {
    const [, local, remote, state, , , , , , inode] = line.trim().split(/\s+/);
    if (state !== ESTABLISHED || inode === "0" || !local?.endsWith(own)) continue;
    remotes.add(Number.parseInt(remote?.split(":")[1] ?? "", 16));
  }
  return remotes;
}

/** The sysctls that decide how much a connection may hold, as "name = value". */
export function describeTcpSettings(): string[] {
  const names = ["tcp_rmem", "tcp_wmem", "tcp_notsent_lowat"];
  return names.map((name) => `${name} = ${readFile(`/proc/sys/net/ipv4/${name}`).trim().replaceAll(/\s+/g, " ") || "unknown"}`);
}

function readFile(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return ""; // not Linux
  }
}
