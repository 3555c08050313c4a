const KIB = 1024;

/** Bytes that all threads of the process hold for viewers, against one limit. The counter is shared memory, in KiB. */
export class MemoryBudget {
  readonly #used: Int32Array;
  readonly #maxKib: number;

  constructor(shared: SharedArrayBuffer, maxBytes: number) {
    this.#used = new Int32Array(shared);
    this.#maxKib = Math.floor(maxBytes / KIB);
  }

  /** The memory behind the counter, to be handed to every thread. */
  static share(): SharedArrayBuffer {
    return new SharedArrayBuffer(4);
  }

  get usedBytes(): number {
    return Atomics.load(this.#used, 0) * KIB;
  }

  get isExceeded(): boolean {
    return Atomics.load(this.#used, 0) > this.#maxKib;
  }

  add(bytes: number): void {
    Atomics.add(this.#used, 0, Math.ceil(bytes / KIB));
  }

  remove(bytes: number): void {
    Atomics.sub(this.#used, 0, Math.ceil(bytes / KIB));
  }
}
