import type { ByteWriter } from "../../bytes/byte-writer.ts";
import type { Frame } from "../../media/frame.ts";
import type { Format, Muxer } from "../../media/muxer.ts";
import { firstTrack, type Prologue } from "../../media/prologue.ts";
import { rescale } from "../../media/timescale.ts";
import type { Track } from "../../media/track.ts";
import type { ElementaryStream } from "./elementary-stream.ts";
import { fitsBoundedPes, maxPesBytes, type PesStart, PesWriter } from "./pes-writer.ts";
import { type ProgramStream, patSection, pmtSection, writeSectionPacket } from "./psi.ts";
import { createElementaryStream } from "./stream-types.ts";
import { PID_AUDIO, PID_NONE, PID_PAT, PID_PMT, PID_VIDEO, TS_PACKET_BYTES, TS_TIMESCALE } from "./ts-packet.ts";

export type TsSelection = "av" | "audio" | "video";

/**
 * PTS and DTS are this far ahead of the PCR, so that audio and video which an encoder interleaves loosely still arrive before they are
 * due. Players that pace by the PCR add it to their delay; 200 ms covers what live encoders do, ffmpeg's 700 ms is for files.
 */
const PCR_LEAD_TICKS = 0.2 * TS_TIMESCALE;
/** §2.7.2 wants a PCR every 100 ms; less, because the next frame comes a frame later. */
const PCR_INTERVAL_TICKS = 0.06 * TS_TIMESCALE;
/** GOPs may be single frames, as in audio alone; the tables are repeated no more often than this. */
const TABLES_INTERVAL_MS = 500;

/** A track that is in the program map, and its way into packets. */
interface Carried {
  track: Track;
  readonly pes: PesWriter;
  stream: ElementaryStream;
}

/**
 * Muxes H.264, HEVC, AAC, MP3, AC-3, E-AC-3 and Opus into MPEG-TS, ISO/IEC 13818-1; other codecs are left out of the program map.
 * One program, the first video and the first audio track, one frame per PES packet. The PCR is on the video PID, or the audio
 * PID when there is no video. Tables carry the discontinuity_indicator, because they are repeated at places where viewers join.
 */
export class TsMuxer implements Muxer {
  readonly #selection: TsSelection;
  readonly #pat = patSection();
  #prologueVersion = -1;
  #video: Carried | undefined;
  #audio: Carried | undefined;
  #tablesCounter = 0;
  #lastTablesMs = Number.NEGATIVE_INFINITY;
  #lastPcr = Number.NEGATIVE_INFINITY;
  readonly #start: PesStart = { streamId: 0, pts: 0, dts: 0, payloadBytes: 0, pcr: -1, isRandomAccess: false };

  constructor(selection: TsSelection) {
    this.#selection = selection;
  }

  maxFrameBytes(frame: Frame): number {
    const carried = this.#carried(frame.track);
    return carried ? maxPesBytes(carried.stream.maxBytes(frame)) : 0;
  }

  maxPrologueBytes(): number {
    return 2 * TS_PACKET_BYTES;
  }

  writeStart(w: ByteWriter, prologue: Prologue): void {
    this.#adopt(prologue);
    this.#writeTables(w, this.#pmtOf(prologue));
  }

  writeChange(w: ByteWriter, before: Prologue, after: Prologue): void {
    this.#adopt(after);
    const version = after.version;
    if (!equalBytes(this.#pmtOf(before, version), this.#pmtOf(after, version))) this.#writeTables(w, this.#pmtOf(after));
  }

  writeGopStart(w: ByteWriter, prologue: Prologue, atMs: number): void {
    this.#adopt(prologue);
    const elapsedMs = atMs - this.#lastTablesMs;
    if (elapsedMs >= 0 && elapsedMs < TABLES_INTERVAL_MS) return;
    this.#lastTablesMs = atMs;
    this.#writeTables(w, this.#pmtOf(prologue));
    this.#tablesCounter++;
  }

  writeFrame(w: ByteWriter, frame: Frame): void {
    const carried = this.#carried(frame.track);
    if (!carried) return;
    const bytes = carried.stream.measure(frame);
    if (bytes === 0 || (carried !== this.#video && !fitsBoundedPes(bytes))) return;
    const { stream, pes } = carried;
    const { timescale } = frame.track;
    const dts = rescale(frame.dts, timescale, TS_TIMESCALE);
    const start = this.#start;
    start.streamId = stream.streamId;
    start.dts = dts + PCR_LEAD_TICKS;
    start.pts = Math.max(dts, rescale(frame.pts, timescale, TS_TIMESCALE)) + PCR_LEAD_TICKS;
    start.payloadBytes = bytes;
    start.isRandomAccess = frame.isKey;
    start.pcr = this.#takePcr(w, carried, dts);
    pes.begin(w, start);
    stream.write(frame, pes);
  }

  /**
   * The PCR that a frame at `dts` carries, or -1. It is the DTS of video frames; audio that runs ahead of video brings it in a packet of
   * its own when it is due. It never goes back, except with a clock that does.
   */
  #takePcr(w: ByteWriter, carried: Carried, dts: number): number {
    const elapsed = dts - this.#lastPcr;
    const isDue = elapsed >= (carried === this.#video ? 0 : PCR_INTERVAL_TICKS);
    if (!isDue && elapsed > -TS_TIMESCALE) return -1;
    this.#lastPcr = dts;
    if (carried === this.#video || !this.#video) return dts;
    this.#video.pes.writePcrOnly(w, dts);
    return -1;
  }

  /**
   * Ends an HLS segment, RFC 8216 §3.2. A muxer is made for each segment, so whoever writes the same frames writes the same bytes; and
   * each PID is given a multiple of 16 packets, so that counters continue into the next segment all the same (§3).
   */
  writeEnd(w: ByteWriter): void {
    this.#video?.pes.alignCounter(w);
    this.#audio?.pes.alignCounter(w);
  }

  /** Takes the tracks of the newest prologue; an older one is that of a viewer who joins further back. */
  #adopt(prologue: Prologue): void {
    if (prologue.version <= this.#prologueVersion) return;
    this.#prologueVersion = prologue.version;
    this.#video = this.#carry(this.#select(prologue, "video"), this.#video, PID_VIDEO);
    this.#audio = this.#carry(this.#select(prologue, "audio"), this.#audio, PID_AUDIO);
  }

  #select(prologue: Prologue, kind: "video" | "audio"): Track | undefined {
    const wanted = this.#selection === "av" || this.#selection === kind;
    return wanted ? firstTrack(prologue, kind) : undefined;
  }

  /** Keeps the packet counter of the PID when its track changes. */
  #carry(track: Track | undefined, before: Carried | undefined, pid: number): Carried | undefined {
    const stream = track && createElementaryStream(track);
    return stream && { track, stream, pes: before?.pes ?? new PesWriter(pid) };
  }

  #carried(track: Track): Carried | undefined {
    const carried = track.kind === "video" ? this.#video : this.#audio;
    return carried?.track.id === track.id && carried.track.codec === track.codec ? carried : undefined;
  }

  #pmtOf(prologue: Prologue, version = prologue.version): Uint8Array {
    const streams: ProgramStream[] = [];
    for (const kind of ["video", "audio"] as const) {
      const track = this.#select(prologue, kind);
      const stream = track && createElementaryStream(track);
      if (stream) streams.push({ pid: kind === "video" ? PID_VIDEO : PID_AUDIO, ...pick(stream) });
    }
    return pmtSection(streams, streams[0]?.pid ?? PID_NONE, version);
  }

  #writeTables(w: ByteWriter, pmt: Uint8Array): void {
    writeSectionPacket(w, PID_PAT, this.#pat, this.#tablesCounter, true);
    writeSectionPacket(w, PID_PMT, pmt, this.#tablesCounter, true);
  }
}

function pick({ streamType, descriptors }: ElementaryStream): Omit<ProgramStream, "pid"> {
  return { streamType, descriptors };
}

function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

/** Live MPEG-TS: `ts`, `ts/audio`, `ts/video`. */
export function tsFormat(selection: TsSelection): Format {
  return { name: selection === "av" ? "ts" : `ts/${selection}`, createMuxer: () => new TsMuxer(selection) };
}
