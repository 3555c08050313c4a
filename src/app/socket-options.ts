import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Server } from "node:net";

/** Linux: level and name of TCP_NOTSENT_LOWAT, tcp(7). */
const IPPROTO_TCP = 6;
const TCP_NOTSENT_LOWAT = 25;
/** A socket takes no more while this much of it has not been sent: without, a viewer that reads nothing is given megabytes, which is lag. */
export const NOTSENT_LOWAT_BYTES = 16 * 1024;
const KERNEL_DEFAULT_PATH = "/proc/sys/net/ipv4/tcp_notsent_lowat";

type SetSocketOption = (fd: number, level: number, name: number, value: number[], length: number) => number;

/** Bounds what the kernel queues for each connection that `server` accepts: they inherit it. False when this system cannot. */
export function boundKernelQueue(server: Server): boolean {
  const fd = fileDescriptor(server);
  const setOption = fd === undefined ? undefined : loadSetSocketOption();
  if (fd === undefined || !setOption) return isBoundByKernel();
  return setOption(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, [NOTSENT_LOWAT_BYTES], 4) === 0 || isBoundByKernel();
}

/** Node has no public way to the descriptor of a listening socket. */
function fileDescriptor(server: Server): number | undefined {
  const handle: unknown = Reflect.get(server, "_handle");
  const fd: unknown = typeof handle === "object" && handle !== null ? Reflect.get(handle, "fd") : undefined;
  return typeof fd === "number" && fd >= 0 ? fd : undefined;
}

/** koffi is an optional dependency: where it is missing or has no build, there is nothing. */
function loadSetSocketOption(): SetSocketOption | undefined {
  if (process.platform !== "linux") return undefined;
  try {
    const koffi: typeof import("koffi") = createRequire(import.meta.url)("koffi");
    return koffi.load("libc.so.6").func("int setsockopt(int fd, int level, int name, const int *value, unsigned int length)");
  } catch {
    return undefined;
  }
}

/** The administrator may have set the same for the whole machine (sysctl net.ipv4.tcp_notsent_lowat). */
function isBoundByKernel(): boolean {
  try {
    return Number(readFileSync(KERNEL_DEFAULT_PATH, "utf8")) <= 16 * NOTSENT_LOWAT_BYTES;
  } catch {
    return false; // not Linux
  }
}
