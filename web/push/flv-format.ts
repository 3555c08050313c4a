import type { ByteWriter } from "../../src/bytes/byte-writer.ts";
import type { Frame } from "../../src/media/frame.ts";
import type { Muxer } from "../../src/media/muxer.ts";
import type { Prologue } from "../../src/media/prologue.ts";
import type { Track } from "../../src/media/track.ts";

/** INTERIM until containers/flv has its muxer. */
export function flvFormat(_select: "av"): { createMuxer(): Muxer } {
  return { createMuxer: () => new Interim() };
}
const FOURCC: Record<string, string> = { vp9: "vp09", vp8: "vp08", opus: "Opus" };
class Interim implements Muxer {
  maxFrameBytes(f: Frame) {
    return f.payload.length + 64;
  }
  maxPrologueBytes(p: Prologue) {
    return 256 + p.tracks.reduce((n, t) => n + t.config.length + 64, 0);
  }
  writeStart(w: ByteWriter, p: Prologue) {
    w.ascii("FLV");
    w.u8(1);
    w.u8(p.tracks.some((t) => t.kind === "audio") ? 5 : 1);
    w.u32(9);
    w.u32(0);
    for (const t of p.tracks) this.#tag(w, t, 0, t.config, true, true);
  }
  writeChange(w: ByteWriter, _b: Prologue, a: Prologue, at: number) {
    for (const t of a.tracks) this.#tag(w, t, at, t.config, true, true);
  }
  writeGopStart() {}
  writeFrame(w: ByteWriter, f: Frame) {
    this.#tag(w, f.track, f.dts, f.payload, f.isKey, false);
  }
  #tag(w: ByteWriter, t: Track, ts: number, data: Uint8Array, key: boolean, seq: boolean) {
    const start = w.offset;
    const video = t.kind === "video";
    w.u8(video ? 9 : 8);
    w.u24(0);
    w.u24(ts & 0xffffff);
    w.u8(ts >>> 24);
    w.u24(0);
    const ft = key ? 0x10 : 0x20;
    if (t.codec === "h264") {
      w.u8(ft | 7);
      w.u8(seq ? 0 : 1);
      w.u24(0);
    } else if (t.codec === "aac") {
      w.u8(0xaf);
      w.u8(seq ? 0 : 1);
    } else if (video) {
      w.u8(0x80 | ft | (seq ? 0 : 3));
      w.ascii(FOURCC[t.codec] ?? "");
    } else {
      w.u8(0x90 | (seq ? 0 : 1));
      w.ascii(FOURCC[t.codec] ?? "");
    }
    w.put(data);
    w.patchU24(start + 1, w.offset - start - 11);
    w.u32(w.offset - start);
  }
}
