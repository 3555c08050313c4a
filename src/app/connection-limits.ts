import { isIPv4 } from "node:net";

/** Addresses are counted in so many buckets; two addresses in one bucket share their limit, which is rare enough. */
const BUCKETS = 1 << 16;

export interface ConnectionLimitsOptions {
  readonly maxConnections: number;
  readonly maxPerIp: number;
}

/**
 * Connections of the whole process, counted in shared memory: per worker one total and one counter per address bucket, so that
 * the counts of a worker that dies can be dropped with it.
 *
 *   per worker: i32 total │ i32 × 65,536 buckets
 */
export class ConnectionLimits {
  readonly #counters: Int32Array;
  readonly #workers: number;
  readonly #options: ConnectionLimitsOptions;

  constructor(shared: SharedArrayBuffer, workers: number, options: ConnectionLimitsOptions) {
    this.#counters = new Int32Array(shared);
    this.#workers = workers;
    this.#options = options;
  }

  static share(workers: number): SharedArrayBuffer {
    return new SharedArrayBuffer(workers * (BUCKETS + 1) * 4);
  }

  /** Counts a connection that `worker` has accepted. Gives the reason when it is one too many: then it is not counted. */
  open(worker: number, address: string): string | undefined {
    const { maxConnections, maxPerIp } = this.#options;
    if (this.#sum(0) >= maxConnections) return `the server has ${maxConnections} connections, its limit`;
    const slot = slotOf(address);
    if (slot !== undefined) {
      if (this.#sum(slot) >= maxPerIp) return `${address} has ${maxPerIp} connections, the limit for one address`;
      Atomics.add(this.#counters, this.#at(worker, slot), 1);
    }
    Atomics.add(this.#counters, this.#at(worker, 0), 1);
    return undefined;
  }

  close(worker: number, address: string): void {
    const slot = slotOf(address);
    if (slot !== undefined) Atomics.sub(this.#counters, this.#at(worker, slot), 1);
    Atomics.sub(this.#counters, this.#at(worker, 0), 1);
  }

  /** Connections of one worker. */
  count(worker: number): number {
    return Atomics.load(this.#counters, this.#at(worker, 0));
  }

  /** Drops the counts of a worker that has died. */
  reset(worker: number): void {
    this.#counters.fill(0, this.#at(worker, 0), this.#at(worker + 1, 0));
  }

  #sum(slot: number): number {
    let sum = 0;
    for (let worker = 0; worker < this.#workers; worker++) sum += Atomics.load(this.#counters, this.#at(worker, slot));
    return sum;
  }

  #at(worker: number, slot: number): number {
    return worker * (BUCKETS + 1) + slot;
  }
}

/** What counts as one address: an IPv4 address however it is written, an IPv6 /64; undefined for loopback, which has no limit. */
export function addressGroup(address: string): string | undefined {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address;
  if (isIPv4(mapped)) return mapped.startsWith("127.") ? undefined : mapped;
  const plain = mapped.split("%")[0] ?? "";
  if (plain === "::1") return undefined;
  return firstGroups(plain, 4).join(":");
}

/** The first `count` 16-bit groups of an IPv6 address, with `::` expanded. */
function firstGroups(address: string, count: number): string[] {
  const [head = "", tail] = address.split("::");
  const before = head === "" ? [] : head.split(":");
  const after = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length);
  const groups = [...before, ...Array.from({ length: zeros }, () => "0"), ...after];
  return groups.slice(0, count).map((group) => Number.parseInt(group, 16).toString(16));
}

function slotOf(address: string): number | undefined {
  const group = addressGroup(address);
  if (group === undefined) return undefined;
  let hash = 0x811c9dc5; // FNV-1a
  for (let i = 0; i < group.length; i++) hash = Math.imul(hash ^ group.charCodeAt(i), 0x01000193);
  return 1 + ((hash >>> 0) % BUCKETS);
}
