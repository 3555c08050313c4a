import type { MemoryBudget } from "./memory-budget.ts";

export const MIN_SLAB_BYTES = 64 * 1024;
export const MAX_SLAB_BYTES = 4 * 1024 * 1024;
/** Free slabs kept for the next rendition. */
const MAX_FREE_BYTES = 16 * 1024 * 1024;

/** Hands out buffers in powers of two and takes them back, so that steady streaming allocates nothing. One per thread. */
export class SlabPool {
  readonly budget: MemoryBudget;
  readonly #allocate: (bytes: number) => Uint8Array;
  readonly #free = new Map<number, Uint8Array[]>();
  #freeBytes = 0;

  /** `allocate` makes the buffers: what sockets like best on this platform. */
  constructor(allocate: (bytes: number) => Uint8Array, budget: MemoryBudget) {
    this.#allocate = allocate;
    this.budget = budget;
  }

  /** A buffer of at least `bytes`, not cleared. */
  take(bytes: number): Uint8Array {
    const size = Math.max(MIN_SLAB_BYTES, 2 ** Math.ceil(Math.log2(bytes)));
    this.budget.add(size);
    const reused = this.#free.get(size)?.pop();
    if (reused) this.#freeBytes -= size;
    return reused ?? this.#allocate(size);
  }

  /** The buffer is no longer used. `isClean`: no write of it is under way, so it may be used again. */
  give(buffer: Uint8Array, isClean: boolean): void {
    const size = buffer.length;
    this.budget.remove(size);
    if (!isClean || this.#freeBytes + size > MAX_FREE_BYTES) return;
    const list = this.#free.get(size);
    if (list) list.push(buffer);
    else this.#free.set(size, [buffer]);
    this.#freeBytes += size;
  }
}
