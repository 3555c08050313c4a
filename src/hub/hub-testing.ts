/** For tests of the hub: tracks, frames, a format that writes text, a sink that remembers. */
import type { ByteWriter } from "../bytes/byte-writer.ts";
import type { Frame } from "../media/frame.ts";
import type { Format, Muxer } from "../media/muxer.ts";
import type { Prologue } from "../media/prologue.ts";
import type { Track } from "../media/track.ts";
import type { EndReason, Sink } from "./cursor.ts";
import { PHASES } from "./flusher.ts";
import { emptyLog } from "./frame-log-writer.ts";
import { MemoryBudget } from "./memory-budget.ts";
import type { RenditionOptions } from "./rendition.ts";
import { SlabPool } from "./slab-pool.ts";
import { StreamWriter, type StreamWriterOptions } from "./stream-writer.ts";

export function testTrack(kind: "video" | "audio", config: readonly number[] = [1]): Track {
  const isVideo = kind === "video";
  return {
    id: isVideo ? 0 : 256,
    kind,
    codec: isVideo ? "h264" : "aac",
    timescale: 1000,
    config: Uint8Array.from(config),
    width: 0,
    height: 0,
    sampleRate: 0,
    channels: 0,
  };
}

export function testFrame(track: Track, dts: number, isKey = track.kind === "audio", size = 10): Frame {
  return { track, dts, pts: dts, ptsNanos: 0, isKey, arrivalMs: 1e12 + dts, payload: new Uint8Array(size).fill(dts) };
}

export function testWriter(options: Partial<StreamWriterOptions> = {}, log = emptyLog(), offsetMs?: number): StreamWriter {
  return new StreamWriter(
    log,
    {
      logWindowMs: 20_000,
      maxFrameBytes: 1 << 20,
      segmentMs: 2000,
      firstSegment: 0,
      firstDiscontinuity: 0,
      onAppended() {},
      onReplaced() {},
      onPrologue() {},
      saveOffset() {},
      ...options,
    },
    offsetMs,
  );
}

export const testRenditionOptions: RenditionOptions = {
  gopCacheMaxMs: 10_000,
  gopCacheMaxBytes: 1 << 24,
  maxLagMs: 8000,
  slowViewerTimeoutMs: 20_000,
  maxFlushMs: 350,
  maxWriteBytes: 1 << 18,
  phases: PHASES,
};

export function testPool(): SlabPool {
  return new SlabPool((bytes) => new Uint8Array(bytes), new MemoryBudget(MemoryBudget.share(1), 0, 1 << 28));
}

/** Writes `[start v1]`, `[change v1 v2]`, `[gop 1000]`, `[V 1000 key]`, `[A 1010]`, then as many dots as the payload has bytes. */
export const textFormat: Format = {
  name: "text",
  createMuxer: (): Muxer => ({
    maxFrameBytes: (frame) => 64 + frame.payload.length,
    maxPrologueBytes: () => 64,
    writeStart: (w, prologue, atMs) => w.ascii(`[start v${prologue.version} ${atMs}]`),
    writeChange: (w, before, after) => w.ascii(`[change v${before.version} v${after.version}]`),
    writeGopStart: (w: ByteWriter, _: Prologue, atMs: number) => w.ascii(`[gop ${atMs}]`),
    writeFrame: (w, frame) => {
      const { kind } = frame.track;
      w.ascii(`[${kind === "video" ? "V" : "A"} ${frame.dts}${kind === "video" && frame.isKey ? " key" : ""}]`);
      w.fill(46, frame.payload.length > 10 ? frame.payload.length : 0);
    },
  }),
};

/** Remembers what was written; `isStuck` keeps the last write pending. */
export class TestSink implements Sink {
  text = "";
  writes = 0;
  pendingBytes = 0;
  isStuck = false;
  reason: EndReason | undefined;

  write(bytes: Uint8Array): void {
    this.writes++;
    this.text += new TextDecoder("latin1").decode(bytes).replaceAll(/\.+/g, "");
    if (this.isStuck) this.pendingBytes = bytes.length;
  }

  end(reason: EndReason): void {
    this.reason = reason;
  }

  /** What was written since the last call. */
  take(): string {
    const { text } = this;
    this.text = "";
    return text;
  }
}
