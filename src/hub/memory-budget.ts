const KIB = 1024;

/**
 * Bytes that all threads of the process hold for viewers, against one limit. One shared counter per thread, in KiB, so that what a
 * thread held is given back when it dies.
 */
export class MemoryBudget {
  readonly #used: Int32Array;
  readonly #thread: number;
  readonly #maxKib: number;

  constructor(shared: SharedArrayBuffer, thread: number, maxBytes: number) {
    this.#used = new Int32Array(shared);
    this.#thread = thread;
    this.#maxKib = Math.floor(maxBytes / KIB);
  }

  /** The memory behind the counters, to be handed to every thread. */
  static share(threads: number): SharedArrayBuffer {
    return new SharedArrayBuffer(4 * threads);
  }

  /** Forgets what a thread that has died held. */
  static reset(shared: SharedArrayBuffer, thread: number): void {
    Atomics.store(new Int32Array(shared), thread, 0);
  }

  get usedBytes(): number {
    let kib = 0;
    for (let thread = 0; thread < this.#used.length; thread++) kib += Atomics.load(this.#used, thread);
    return kib * KIB;
  }

  get isExceeded(): boolean {
    return this.usedBytes > this.#maxKib * KIB;
  }

  add(bytes: number): void {
    Atomics.add(this.#used, this.#thread, Math.ceil(bytes / KIB));
  }

  remove(bytes: number): void {
    Atomics.sub(this.#used, this.#thread, Math.ceil(bytes / KIB));
  }
}
