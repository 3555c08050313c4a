import type { EndReason } from "../../hub/cursor.ts";
import type { SharedLog } from "../../hub/frame-log.ts";
import { InputLogReader } from "../../hub/input-log.ts";
import type { MemoryBudget } from "../../hub/memory-budget.ts";
import type { Stream } from "../../hub/stream.ts";
import { StreamState } from "../../hub/stream-state.ts";
import { type StreamInput, StreamWriter, type StreamWriterOptions } from "../../hub/stream-writer.ts";
import type { OwnerStats, RemoteInput, StreamEntry, StreamStats } from "./messages.ts";

/** The publisher of an owned stream that sits on another worker. */
interface RemoteSource {
  readonly inputId: number;
  readonly reader: InputLogReader;
  readonly input: StreamInput;
}

/** A stream on one worker: the view that all workers have, and the writer if this one owns it. */
export class WorkerStream {
  entry: StreamEntry;
  readonly stream: Stream;
  readonly state: StreamState;
  /** It has viewers or other readers on this thread. */
  isWanted = false;
  #writer: StreamWriter | undefined;
  #local: { inputId: number; input: StreamInput } | undefined;
  #remote: RemoteSource | undefined;
  readonly #budget: MemoryBudget;
  /** What of the budget this stream's log takes; counted by its owner. */
  #countedBytes = 0;

  constructor(entry: StreamEntry, stream: Stream, budget: MemoryBudget) {
    this.entry = entry;
    this.stream = stream;
    this.#budget = budget;
    this.state = new StreamState(entry.state);
  }

  /** True when other threads write what this one reads: its log, or a publisher's. */
  get isFed(): boolean {
    return this.#remote !== undefined || (this.isWanted && this.#writer === undefined);
  }

  /** Becomes the one that writes the stream: from its beginning, or behind what a worker that died has written. */
  own(options: StreamWriterOptions, input?: RemoteInput): void {
    this.#writer = new StreamWriter(this.stream.log, options, this.state.offsetMs);
    this.#countLog();
    if (input) this.openRemote(input, true);
  }

  /** A publisher on this worker. Only the owner may ask. */
  openLocal(inputId: number): StreamInput | undefined {
    if (!this.#writer) return undefined;
    this.#remote = undefined;
    this.#local = { inputId, input: this.#writer.beginInput() };
    return this.#local.input;
  }

  /** A publisher on another worker (or on this one, from before it became the owner). */
  openRemote(remote: RemoteInput, continues = false): void {
    if (!this.#writer) return;
    this.#local = undefined;
    const reader = new InputLogReader(remote.log, remote.consumed);
    this.#remote = { inputId: remote.inputId, reader, input: this.#writer.beginInput(continues) };
    this.drain();
  }

  replaceRemote(inputId: number, log: SharedLog): void {
    if (this.#remote?.inputId !== inputId) return;
    this.#remote.reader.replaceLog(log);
    this.drain();
  }

  endInput(inputId: number): void {
    this.drain();
    if (this.#remote?.inputId === inputId) {
      this.#remote.input.close();
      this.#remote = undefined;
    }
    if (this.#local?.inputId === inputId) {
      this.#local.input.close();
      this.#local = undefined;
    }
  }

  /** Takes what a publisher on another worker has sent. */
  drain(): void {
    const remote = this.#remote;
    remote?.reader.drain(remote.input, () => remote.input.resync());
  }

  replaceLog(log: SharedLog): void {
    this.entry = { ...this.entry, log };
    this.stream.replaceLog(log);
    this.#countLog();
  }

  stats(): StreamStats {
    let skips = 0;
    for (const rendition of this.stream.renditions) skips += rendition.counters.skips;
    const stats = { streamId: this.entry.id, viewers: Object.fromEntries(this.stream.viewers), skips };
    return this.#writer ? { ...stats, owner: ownerStats(this.#writer) } : stats;
  }

  end(reason: EndReason): void {
    this.#local?.input.close();
    this.#remote?.input.close();
    this.#writer = this.#local = this.#remote = undefined;
    this.#countLog();
    this.stream.end(reason);
  }

  #countLog(): void {
    const bytes = this.#writer?.allocatedBytes ?? 0;
    this.#budget.add(bytes - this.#countedBytes);
    this.#countedBytes = bytes;
  }
}

function ownerStats(writer: StreamWriter): OwnerStats {
  const { frames, videoFrames, bytes } = writer.counters;
  const { nonMonotonic, jumps, missing, ptsBeforeDts } = writer.timeline.counters;
  const repaired = nonMonotonic + jumps + missing + ptsBeforeDts;
  return { frames, videoFrames, bytes, gopMs: writer.gopMs, repaired, ...writer.segment };
}
