import { readSync } from "node:fs";
import type { Socket } from "node:net";
import type { LoadClock } from "./load-clock.ts";
import type { Viewer } from "./viewer.ts";

/** One read takes this much at most: what fits the cache of a core. */
const READ_BYTES = 262_144;
/** Viewers are read when about this much waits for them: fewer reads for the same bytes, and well within a receive window. */
const WANTED_BYTES_PER_READ = 16_384;
const MIN_INTERVAL_MS = 20;
const MAX_INTERVAL_MS = 250;
/** The interval follows the bitrate this often. */
const REPLAN_MS = 1_000;

interface Drained {
  readonly viewer: Viewer;
  readonly socket: Socket;
  readonly descriptor: number;
}

/**
 * Empties the sockets of viewers that nobody looks at, for a fraction of what reading them through the event loop costs: nobody waits
 * for them, and each is read straight from its descriptor when its turn has come. All turns together go round once per interval,
 * which follows from the bitrate.
 */
export class Drain {
  readonly #clock: LoadClock;
  readonly #drained: Drained[] = [];
  readonly #buffer = new Uint8Array(READ_BYTES);
  #next = 0;
  #due = 0;
  #lastMs = 0;
  #intervalMs = 100;
  #plannedMs = 0;
  #bytesSincePlan = 0;

  constructor(clock: LoadClock) {
    this.#clock = clock;
  }

  /** Takes a viewer over. Where sockets have no descriptor (Windows) it goes on by events. */
  add(viewer: Viewer): void {
    const { socket } = viewer;
    const descriptor = descriptorOf(socket);
    if (descriptor < 0) return;
    socket.pause();
    this.#drained.push({ viewer, socket, descriptor });
  }

  /** Reads those whose turn it is. */
  tick(): void {
    const { nowMs } = this.#clock;
    const elapsedMs = this.#lastMs === 0 ? 0 : nowMs - this.#lastMs;
    this.#lastMs = nowMs;
    this.#due = Math.min(this.#drained.length, this.#due + (elapsedMs / this.#intervalMs) * this.#drained.length);
    for (; this.#due >= 1; this.#due--) this.#readNext();
    if (nowMs - this.#plannedMs >= REPLAN_MS) this.#plan(nowMs);
  }

  #plan(nowMs: number): void {
    const bytesPerMs = this.#bytesSincePlan / Math.max(1, this.#drained.length) / (nowMs - this.#plannedMs);
    this.#plannedMs = nowMs;
    this.#bytesSincePlan = 0;
    if (bytesPerMs > 0)
      this.#intervalMs = Math.min(MAX_INTERVAL_MS, Math.max(MIN_INTERVAL_MS, WANTED_BYTES_PER_READ / bytesPerMs));
  }

  #readNext(): void {
    if (this.#next >= this.#drained.length) this.#next = 0;
    const drained = this.#drained[this.#next];
    if (!drained) return;
    if (drained.socket.destroyed || !this.#read(drained)) this.#remove(this.#next);
    else this.#next++;
  }

  #remove(index: number): void {
    const last = this.#drained.pop();
    if (last && index < this.#drained.length) this.#drained[index] = last;
  }

  /** False when the connection has ended. */
  #read({ viewer, descriptor }: Drained): boolean {
    let total = 0;
    let length = READ_BYTES;
    while (length === READ_BYTES) {
      length = readAvailable(descriptor, this.#buffer);
      if (length < 0) break;
      total += length;
      if (length === 0) break;
    }
    this.#bytesSincePlan += total;
    if (total > 0) viewer.count(total);
    if (length >= 0) return true;
    viewer.fail("closed-later", "closed by the server");
    return false;
  }
}

/** Bytes read into `buffer`, which is not empty; 0 when none wait, −1 when the peer has ended the connection. */
export function readAvailable(descriptor: number, buffer: Uint8Array): number {
  try {
    const length = readSync(descriptor, buffer, 0, buffer.length, null);
    return length === 0 ? -1 : length;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EAGAIN" ? 0 : -1;
  }
}

/** The descriptor of a connected socket; −1 where sockets have none (Windows). */
export function descriptorOf(socket: Socket): number {
  const handle: unknown = Reflect.get(socket, "_handle");
  if (typeof handle !== "object" || handle === null || !("fd" in handle)) return -1;
  return typeof handle.fd === "number" ? handle.fd : -1;
}
