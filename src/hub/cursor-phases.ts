import type { Cursor } from "./cursor.ts";

/** The viewers of a rendition, spread over the phases of the flush interval. Adding and removing one costs the same however many there are. */
export class CursorPhases {
  readonly #phases: readonly Cursor[][];
  #size = 0;

  constructor(phases: number) {
    this.#phases = Array.from({ length: phases }, () => []);
  }

  get size(): number {
    return this.#size;
  }

  get phases(): number {
    return this.#phases.length;
  }

  /** The viewers of one phase. Whoever goes through it from its end may remove the one it is at. */
  at(phase: number): readonly Cursor[] {
    return this.#phases[phase] ?? [];
  }

  /** Puts a viewer where the fewest are. */
  add(cursor: Cursor): void {
    let phase = 0;
    for (let i = 1; i < this.#phases.length; i++) if (this.at(i).length < this.at(phase).length) phase = i;
    const list = this.#phases[phase] ?? [];
    cursor.phase = phase;
    cursor.index = list.length;
    list.push(cursor);
    this.#size++;
  }

  remove(cursor: Cursor): void {
    const list = this.#phases[cursor.phase] ?? [];
    const last = list.pop();
    if (last && last !== cursor) {
      list[cursor.index] = last;
      last.index = cursor.index;
    }
    this.#size--;
  }

  *[Symbol.iterator](): Generator<Cursor> {
    for (const phase of this.#phases) yield* phase;
  }
}
