import { LimitError, ProtocolError } from "../../base/media-error.ts";
import type { ErrorMessage, FromWorker, WorkerRequest } from "./messages.ts";

/** Questions of a worker to the main thread, with their answers. */
export class Requests {
  readonly #send: (message: FromWorker) => void;
  readonly #pending = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  #nextId = 1;

  constructor(send: (message: FromWorker) => void) {
    this.#send = send;
  }

  /**
   * Asks and waits. When `signal` aborts first, the main thread is told and the promise rejects with ProtocolError `aborted`;
   * an answer that was under way is dropped, and `onDropped` hears of it.
   */
  ask(request: WorkerRequest, signal: AbortSignal, onDropped: (value: unknown) => void = () => {}): Promise<unknown> {
    const id = this.#nextId++;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const leave = () => {
      this.#pending.set(id, { resolve: onDropped, reject: () => {} });
      this.#send({ type: "cancel", id });
      reject(new ProtocolError("the peer left", { code: "aborted" }));
    };
    if (signal.aborted) return Promise.reject(new ProtocolError("the peer left", { code: "aborted" }));
    signal.addEventListener("abort", leave, { once: true });
    this.#pending.set(id, { resolve, reject });
    this.#send({ type: "request", id, request });
    return promise.finally(() => signal.removeEventListener("abort", leave));
  }

  answer(id: number, value: unknown, error: ErrorMessage | undefined): void {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    if (!error) pending?.resolve(value);
    else if (error.isLimit) pending?.reject(new LimitError(error.message, { code: error.code }));
    else pending?.reject(new ProtocolError(error.message, { code: error.code }));
  }
}
