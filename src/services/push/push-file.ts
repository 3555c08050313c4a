import { setTimeout as delay } from "node:timers/promises";
import { RefusedError } from "../clients/client-error.ts";
import { openPublisher } from "../clients/open-publisher.ts";
import type { StreamUrl } from "../clients/stream-url.ts";
import type { TagPublisher } from "../clients/tag-publisher.ts";
import { checkMediaFile } from "./media-file.ts";
import { type PlayProgress, playFile } from "./play-file.ts";
import { PushMeter, type PushProgress } from "./push-meter.ts";
import { TagSink } from "./tag-sink.ts";

export interface PushOptions {
  readonly loop?: boolean;
  /** 1 is the file's own pace, 0 as fast as the server takes it. */
  readonly speed?: number;
  /** Connect again when the connection is lost; on by default. */
  readonly reconnect?: boolean;
  /** Ends it in order: the server is told. */
  readonly signal: AbortSignal;
  readonly connectTimeoutMs?: number;
  /** Called a few times a second. */
  readonly onProgress?: (progress: PushProgress) => void;
  /** Called with a line for people: connected, lost, trying again. */
  readonly onNotice?: (line: string) => void;
}

const PROGRESS_MS = 500;
const MIN_RETRY_MS = 500;
const MAX_RETRY_MS = 10_000;
/** A connection that lasts this long was wanted; one that is refused sooner is a mistake of whoever typed the URL. */
const ACCEPTED_AFTER_MS = 2_000;

/**
 * Publishes a media file. Resolves with what was sent, when the server has all of it or `signal` aborts. Rejects with a MediaError when
 * the file cannot be read, the server refuses, or the connection is lost and `reconnect` is off.
 */
export async function pushFile(path: string, url: StreamUrl, options: PushOptions): Promise<PushProgress> {
  const pusher = new Pusher(url, options);
  const timer = setInterval(() => options.onProgress?.(pusher.progress()), PROGRESS_MS);
  try {
    await pusher.run(path);
  } finally {
    clearInterval(timer);
    pusher.abort();
  }
  return pusher.progress();
}

class Pusher {
  readonly #url: StreamUrl;
  readonly #options: PushOptions;
  readonly #meter = new PushMeter();
  readonly #sink = new TagSink((tag) => {
    this.#full = this.#publisher?.send(tag) ?? this.#full;
  });
  #publisher: TagPublisher | undefined;
  /** Bytes of the connections before this one. */
  #sentBefore = 0;
  #connectedAtMs = 0;
  #lost: Error | undefined;
  /** Of the tags since the last look: when the transport takes more. */
  #full: Promise<void> | undefined;
  #wasAccepted = false;
  #retryMs = MIN_RETRY_MS;

  constructor(url: StreamUrl, options: PushOptions) {
    this.#url = url;
    this.#options = options;
  }

  async run(path: string): Promise<void> {
    const { signal, loop = false, speed = 1 } = this.#options;
    await checkMediaFile(path);
    await this.#connect();
    const onFrame = (progress: PlayProgress) => this.#meter.count(progress);
    await playFile(path, { loop, speed, signal, onFrame, ready: () => this.#ready() }, this.#sink);
    await this.#publisher?.end();
  }

  abort(): void {
    this.#publisher?.abort();
  }

  progress(): PushProgress {
    return this.#meter.read(this.#sentBefore + (this.#publisher?.sentBytes ?? 0));
  }

  #ready(): Promise<number> | undefined {
    if (this.#lost) return this.#reconnect(this.#lost);
    const full = this.#full;
    this.#full = undefined;
    return full?.then(() => 0);
  }

  /** Gives how long it took, for the media clock stands still meanwhile. */
  async #reconnect(reason: Error): Promise<number> {
    const startMs = performance.now();
    if (startMs - this.#connectedAtMs >= ACCEPTED_AFTER_MS) {
      this.#wasAccepted = true;
      this.#retryMs = MIN_RETRY_MS;
    }
    this.#sentBefore += this.#publisher?.sentBytes ?? 0;
    this.#publisher = undefined;
    await this.#pauseAfter(reason);
    await this.#connect();
    return performance.now() - startMs;
  }

  /** Connects, again and again when that is wanted; returns without a connection when the signal aborts. */
  async #connect(): Promise<void> {
    const { signal } = this.#options;
    while (!signal.aborted) {
      try {
        this.#useConnection(await this.#attempt());
        return;
      } catch (error) {
        if (signal.aborted) return;
        await this.#pauseAfter(error instanceof Error ? error : new Error(String(error)));
      }
    }
  }

  /** `signal` ends the attempt, but not the connection, which is to end in order. */
  async #attempt(): Promise<TagPublisher> {
    const { signal, connectTimeoutMs } = this.#options;
    const attempt = new AbortController();
    const stop = () => attempt.abort();
    signal.addEventListener("abort", stop, { once: true });
    const limits = connectTimeoutMs === undefined ? {} : { connectTimeoutMs };
    try {
      return await openPublisher(this.#url, { signal: attempt.signal, ...limits });
    } finally {
      signal.removeEventListener("abort", stop);
    }
  }

  #useConnection(publisher: TagPublisher): void {
    this.#publisher = publisher;
    this.#connectedAtMs = performance.now();
    this.#lost = undefined;
    this.#full = undefined;
    this.#sink.restart();
    void publisher.lost.then((reason) => {
      if (this.#publisher === publisher) this.#lost = reason;
    });
    this.#options.onNotice?.(`connected to ${this.#url.shown}`);
  }

  /** Waits before the next attempt. Throws `reason` when there is to be none. */
  async #pauseAfter(reason: Error): Promise<void> {
    const { reconnect = true, signal, onNotice } = this.#options;
    if (!reconnect || (reason instanceof RefusedError && !this.#wasAccepted)) throw reason;
    const waitMs = this.#retryMs;
    this.#retryMs = Math.min(waitMs * 2, MAX_RETRY_MS);
    onNotice?.(`${reason.message}; again in ${waitMs / 1000} s`);
    await delay(waitMs, undefined, { signal }).catch(() => {}); // aborted: the caller looks
  }
}
