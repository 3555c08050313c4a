import { type FileHandle, open } from "node:fs/promises";
import { ByteWriter } from "../../bytes/byte-writer.ts";
import {
  FLV_AUDIO,
  FLV_HEADER_BYTES,
  FLV_SCRIPT,
  FLV_TAG_HEADER_BYTES,
  FLV_VIDEO,
  type FlvTag,
  writeFlvTag,
} from "../../containers/flv/flv-tag.ts";
import { flvHeaderBytes } from "../clients/flv-bytes.ts";
import { findNumber } from "./find-number.ts";

/** What waits to be written at most, and how long. */
const MAX_WAITING_BYTES = 128 * 1024;
const MAX_WAITING_MS = 500;

/** Writes an FLV file from tags, each as it came. At the end it fills in what can be known only then. */
export class FlvFileWriter {
  readonly #file: FileHandle;
  readonly #waiting = new ByteWriter(MAX_WAITING_BYTES * 2);
  #writtenAtMs = performance.now();
  #bytes = 0;
  #hasVideo = false;
  #hasAudio = false;
  /** Places in the file of numbers in the first metadata; undefined where it has none. */
  #patches: { duration: number | undefined; filesize: number | undefined } | undefined;

  /** Makes or empties the file. */
  static async create(path: string): Promise<FlvFileWriter> {
    const writer = new FlvFileWriter(await open(path, "w"));
    writer.#waiting.put(flvHeaderBytes(true, true));
    return writer;
  }

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  /** Bytes of the file so far. */
  get bytes(): number {
    return this.#bytes + this.#waiting.offset;
  }

  async write(tag: FlvTag): Promise<void> {
    this.#hasVideo ||= tag.type === FLV_VIDEO;
    this.#hasAudio ||= tag.type === FLV_AUDIO;
    if (tag.type === FLV_SCRIPT && !this.#patches) {
      const place = (name: string) => {
        const at = findNumber(tag.data, name);
        return at === undefined ? undefined : this.bytes + FLV_TAG_HEADER_BYTES + at;
      };
      this.#patches = { duration: place("duration"), filesize: place("filesize") };
    }
    writeFlvTag(this.#waiting, tag);
    const isLate = performance.now() - this.#writtenAtMs >= MAX_WAITING_MS;
    if (isLate || this.#waiting.offset >= MAX_WAITING_BYTES) await this.#flush();
  }

  /** Completes and closes the file: what it holds in its header; duration and size in its metadata, if that has a place for them. */
  async close(durationMs: number): Promise<void> {
    try {
      await this.#flush();
      await this.#file.write(flvHeaderBytes(this.#hasVideo, this.#hasAudio), 0, FLV_HEADER_BYTES, 0);
      await this.#patch(this.#patches?.duration, durationMs / 1000);
      await this.#patch(this.#patches?.filesize, this.#bytes);
    } finally {
      await this.#file.close();
    }
  }

  async #patch(at: number | undefined, value: number): Promise<void> {
    if (at === undefined) return;
    const w = new ByteWriter(8);
    w.f64(value);
    await this.#file.write(w.written(), 0, 8, at);
  }

  async #flush(): Promise<void> {
    const bytes = this.#waiting.written();
    for (let written = 0; written < bytes.length; ) {
      const { bytesWritten } = await this.#file.write(bytes, written, bytes.length - written, this.#bytes + written);
      written += bytesWritten;
    }
    this.#bytes += bytes.length;
    this.#waiting.offset = 0;
    this.#writtenAtMs = performance.now();
  }
}
