/**
 * A lifetime: a signal and the things to release when it ends. Ends with its parent, and unlinks itself from the parent
 * when it ends first, so a long-lived parent does not collect dead children.
 *
 *   using scope = parent.child();
 *   const socket = connect(…); scope.defer(() => socket.destroy());
 */
export class Scope implements Disposable {
  readonly #controller = new AbortController();
  readonly #releases: (() => void)[] = [];
  readonly #children = new Set<Scope>();
  readonly #parent: Scope | undefined;

  constructor(parent?: Scope) {
    this.#parent = parent;
    if (parent?.signal.aborted) this.end(parent.signal.reason);
    else if (parent) parent.#children.add(this);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  child(): Scope {
    return new Scope(this);
  }

  /** Runs `release` when the scope ends, last deferred first; at once when it has ended already. */
  defer(release: () => void): void {
    if (this.signal.aborted) release();
    else this.#releases.push(release);
  }

  /** Ends the children, then this scope. May be called twice. */
  end(reason: unknown = new Error("scope ended")): void {
    if (this.signal.aborted) return;
    if (this.#parent) this.#parent.#children.delete(this);
    for (const child of [...this.#children]) child.end(reason);
    this.#controller.abort(reason);
    for (const release of this.#releases.splice(0).reverse()) release();
  }

  [Symbol.dispose](): void {
    this.end();
  }
}
