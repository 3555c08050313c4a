/** The last `length` samples of something, the oldest first. */
export class History {
  readonly #length: number;
  #values: readonly number[] = [];

  constructor(length: number) {
    this.#length = length;
  }

  /** A new array after each push, so that views see the change. */
  get values(): readonly number[] {
    return this.#values;
  }

  push(value: number): void {
    this.#values = [...this.#values.slice(-(this.#length - 1)), value];
  }

  clear(): void {
    this.#values = [];
  }
}
