import { type Signal, signal } from "@preact/signals";
import { History } from "./history.ts";
import type { Stream, StreamList } from "./stream.ts";
import { fetchStreams } from "./stream-api.ts";
import { streamKey } from "./stream-name.ts";

const POLL_MS = 1000;
/** One sample a poll: a minute of bitrate. */
const HISTORY_LENGTH = 60;

/** The list of streams as the server last told it, asked again every second while the page can be seen. */
export class StreamPoll {
  /** Null until the first answer. */
  readonly list: Signal<StreamList | null> = signal(null);
  readonly isAway: Signal<boolean> = signal(false);
  readonly #bitrates = new Map<string, History>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #running = false;

  start(): void {
    document.addEventListener("visibilitychange", () => this.#resume());
    this.#resume();
  }

  /** Bitrates of the last minute in bits per second, the oldest first. */
  bitrates(stream: Stream): readonly number[] {
    return this.#bitrates.get(streamKey(stream))?.values ?? [];
  }

  #resume(): void {
    clearTimeout(this.#timer);
    if (document.visibilityState === "visible" && !this.#running) void this.#poll();
  }

  async #poll(): Promise<void> {
    this.#running = true;
    try {
      const list = await fetchStreams();
      this.#record(list);
      this.list.value = list;
      this.isAway.value = false;
    } catch {
      this.isAway.value = true;
    }
    this.#running = false;
    if (document.visibilityState === "visible") this.#timer = setTimeout(() => void this.#poll(), POLL_MS);
  }

  #record(list: StreamList): void {
    const alive = new Set(list.streams.map(streamKey));
    for (const key of this.#bitrates.keys()) if (!alive.has(key)) this.#bitrates.delete(key);
    for (const stream of list.streams) {
      const key = streamKey(stream);
      let history = this.#bitrates.get(key);
      if (!history) this.#bitrates.set(key, (history = new History(HISTORY_LENGTH)));
      history.push(stream.bitrateBps);
    }
  }
}
