/** Threads that may serve one stream. */
export const MAX_WORKERS = 256;
const OFFSET_BYTES = 8;

/**
 * What must outlive the thread that owns a stream, in shared memory:
 *
 *   f64 offset of the timeline, NaN for none │ i32 × 8: one bit per worker that wants to be woken
 */
export class StreamState {
  readonly #offset: Float64Array;
  readonly #interest: Int32Array;

  constructor(shared: SharedArrayBuffer) {
    this.#offset = new Float64Array(shared, 0, 1);
    this.#interest = new Int32Array(shared, OFFSET_BYTES);
  }

  static share(): SharedArrayBuffer {
    const shared = new SharedArrayBuffer(OFFSET_BYTES + MAX_WORKERS / 8);
    new Float64Array(shared, 0, 1)[0] = Number.NaN;
    return shared;
  }

  get offsetMs(): number | undefined {
    const value = this.#offset[0] ?? Number.NaN;
    return Number.isNaN(value) ? undefined : value;
  }

  set offsetMs(value: number | undefined) {
    this.#offset[0] = value ?? Number.NaN;
  }

  setInterest(worker: number, wanted: boolean): void {
    const bit = 1 << (worker & 31);
    if (wanted) Atomics.or(this.#interest, worker >> 5, bit);
    else Atomics.and(this.#interest, worker >> 5, ~bit);
  }

  /** Calls `wake` for every worker but `self` that wants to know of new frames. */
  forEachInterested(self: number, wake: (worker: number) => void): void {
    for (let word = 0; word < this.#interest.length; word++) {
      let bits = Atomics.load(this.#interest, word);
      for (; bits !== 0; bits &= bits - 1) {
        const worker = word * 32 + (31 - Math.clz32(bits & -bits));
        if (worker !== self) wake(worker);
      }
    }
  }
}

/** One word per worker: whoever has news for a worker rings, and the worker looks at everything it reads. */
export class Doorbells {
  readonly #bells: Int32Array;

  constructor(shared: SharedArrayBuffer) {
    this.#bells = new Int32Array(shared);
  }

  static share(workers: number): SharedArrayBuffer {
    return new SharedArrayBuffer(4 * workers);
  }

  ring(worker: number): void {
    if (Atomics.exchange(this.#bells, worker, 1) === 0) Atomics.notify(this.#bells, worker);
  }

  /** Calls `onRing` whenever `worker` was rung, until `signal` aborts. */
  async listen(worker: number, onRing: () => void, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const wait = Atomics.waitAsync(this.#bells, worker, 0);
      if (wait.async) await wait.value;
      Atomics.store(this.#bells, worker, 0);
      if (!signal.aborted) onRing();
    }
  }
}
