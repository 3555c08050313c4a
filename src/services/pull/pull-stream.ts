import { MediaError } from "../../base/media-error.ts";
import { FLV_SCRIPT, FLV_VIDEO, type FlvTag } from "../../containers/flv/flv-tag.ts";
import { TimestampUnwrapper } from "../../containers/flv/timestamp-unwrapper.ts";
import { openSource } from "../clients/open-source.ts";
import type { StreamUrl } from "../clients/stream-url.ts";
import { FlvFileWriter } from "./flv-file-writer.ts";

export interface PullOptions {
  /** Ends it in order: the file is completed. */
  readonly signal: AbortSignal;
  /** Media time to save; all of it without. */
  readonly durationMs?: number | undefined;
  readonly connectTimeoutMs?: number;
  readonly idleTimeoutMs?: number;
  /** Called a few times a second. */
  readonly onProgress?: (progress: PullProgress) => void;
}

export interface PullProgress {
  /** Bytes of the file. */
  readonly bytes: number;
  /** Media time in it. */
  readonly timeMs: number;
  readonly tags: number;
  /** Video tags a second of media time. */
  readonly fps: number;
  /** Of media time. */
  readonly bitrateBps: number;
}

const PROGRESS_MS = 500;

/**
 * Saves a live stream as an FLV file, tag for tag as it comes. Resolves with what was saved when the stream ends, `durationMs` are full
 * or `signal` aborts. The file is made with the first tag and completed in any case; then it rejects with the MediaError that ended the
 * stream, if one did, or when nothing came at all.
 */
export async function pullStream(url: StreamUrl, path: string, options: PullOptions): Promise<PullProgress> {
  const pull = new Pull(path, options.durationMs ?? Number.POSITIVE_INFINITY);
  const timer = setInterval(() => pull.hasFile && options.onProgress?.(pull.progress()), PROGRESS_MS);
  try {
    for await (const tag of openSource(url, options)) if (!(await pull.take(tag))) break;
  } finally {
    clearInterval(timer);
    await pull.close();
  }
  if (!pull.hasFile && !options.signal.aborted) throw new MediaError(`${url.shown}: ended before anything came`);
  return pull.progress();
}

class Pull {
  readonly #path: string;
  readonly #maxMs: number;
  readonly #timestamps = new TimestampUnwrapper();
  #writer: FlvFileWriter | undefined;
  #firstMs: number | undefined;
  #lastMs = 0;
  #tags = 0;
  #videoTags = 0;

  constructor(path: string, maxMs: number) {
    this.#path = path;
    this.#maxMs = maxMs;
  }

  get hasFile(): boolean {
    return this.#writer !== undefined;
  }

  /** False when the file is long enough. */
  async take(tag: FlvTag): Promise<boolean> {
    const timeMs = this.#timestamps.unwrap(tag.timestamp);
    if (tag.type !== FLV_SCRIPT) this.#firstMs ??= timeMs;
    if (timeMs - (this.#firstMs ?? timeMs) >= this.#maxMs) return false;
    this.#writer ??= await FlvFileWriter.create(this.#path);
    await this.#writer.write(tag);
    this.#tags++;
    if (tag.type === FLV_VIDEO) this.#videoTags++;
    if (tag.type !== FLV_SCRIPT) this.#lastMs = Math.max(this.#lastMs, timeMs);
    return true;
  }

  async close(): Promise<void> {
    await this.#writer?.close(this.progress().timeMs);
  }

  progress(): PullProgress {
    const timeMs = Math.max(0, this.#lastMs - (this.#firstMs ?? this.#lastMs));
    const bytes = this.#writer?.bytes ?? 0;
    const perSecond = (amount: number) => (timeMs === 0 ? 0 : (amount * 1000) / timeMs);
    return { bytes, timeMs, tags: this.#tags, fps: perSecond(this.#videoTags), bitrateBps: perSecond(bytes * 8) };
  }
}
