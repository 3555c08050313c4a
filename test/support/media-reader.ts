import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { Program } from "./programs.ts";
import { temporaryFolder } from "./samples.ts";

type Kind = "video" | "audio";

/** What ffmpeg says of one packet, or of one decoded frame. */
interface Unit {
  readonly kind: Kind;
  readonly dtsMs: number;
  readonly ptsMs: number;
  readonly bytes: number;
  readonly checksum: string;
}

/** A stream as ffmpeg has read and decoded it from its beginning to its end. */
export interface Reading {
  readonly packets: readonly Unit[];
  readonly decoded: readonly Unit[];
  /** Warnings and errors. */
  readonly complaints: string;
}

/** ffmpeg says this of what is all right. */
const HARMLESS = [
  // An HTTP response that ends by closing (RFC 9112 §6.3) has no length; ffmpeg 5 calls its end an error all the same.
  /Stream ends prematurely at \d+, should be 18446744073709551615/,
  /^\[error\] http:.*: Input\/output error$/,
];

/** Reads `url` with ffmpeg until it ends: every packet as it is, and every frame decoded. Whatever ffmpeg finds wrong is a complaint. */
export class MediaReader implements AsyncDisposable {
  readonly #folder = temporaryFolder();
  readonly #ffmpeg: Program;

  constructor(url: string, ...inputOptions: string[]) {
    const how = ["-hide_banner", "-nostdin", "-loglevel", "repeat+level+warning", "-err_detect", "explode"];
    const input = ["-copyts", ...inputOptions, "-i", url];
    const maps = ["-map", "0:v?", "-map", "0:a?"];
    const packets = [...maps, "-c", "copy", "-f", "framecrc", this.#file("packets")];
    const decoded = [...maps, "-fps_mode", "passthrough", "-f", "framecrc", this.#file("decoded")];
    this.#ffmpeg = new Program("ffmpeg", [...how, ...input, ...packets, ...decoded]);
  }

  /** Resolves when the stream has ended and all of it was decoded. */
  async finished(deadlineMs = 40_000): Promise<Reading> {
    await this.#ffmpeg.success(deadlineMs);
    const lines = this.#ffmpeg.stderr.split("\n").filter((line) => line !== "" && !HARMLESS.some((known) => known.test(line)));
    const read = (name: string): Unit[] => readFrameCrc(readFileSync(this.#file(name), "utf8"));
    return { packets: read("packets"), decoded: read("decoded"), complaints: lines.join("\n") };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#ffmpeg[Symbol.asyncDispose]();
    this.#folder[Symbol.dispose]();
  }

  #file(name: string): string {
    return join(this.#folder.path, name);
  }
}

/** Reads a file as `MediaReader` reads a stream. */
export async function readMedia(path: string): Promise<Reading> {
  await using reader = new MediaReader(path);
  return await reader.finished();
}

/** `#tb 0: 1/1000`, `#media_type 0: video`, then `stream, dts, pts, duration, size, checksum`. */
function readFrameCrc(text: string): Unit[] {
  const timeBases = new Map<string, number>();
  const kinds = new Map<string, Kind>();
  const units: Unit[] = [];
  for (const line of text.split("\n")) {
    const base = /^#tb (\d+): (\d+)\/(\d+)/.exec(line);
    if (base) timeBases.set(base[1]!, (1000 * Number(base[2])) / Number(base[3]));
    const type = /^#media_type (\d+): (video|audio)/.exec(line);
    if (type) kinds.set(type[1]!, type[2] as Kind);
    const [stream = "", dts, pts, , bytes, checksum = ""] = line.split(",").map((field) => field.trim());
    if (line.startsWith("#") || bytes === undefined) continue;
    const tickMs = timeBases.get(stream)!;
    units.push({
      kind: kinds.get(stream)!,
      dtsMs: Number(dts) * tickMs,
      ptsMs: Number(pts) * tickMs,
      bytes: Number(bytes),
      checksum,
    });
  }
  return units;
}

/** FLV counts in whole milliseconds; TS does not, and rounds once more. */
const ROUNDING_MS = 1.5;

/** Asserts that `reading` is all of `source`: every frame, decoded to the same picture, at the same distance, both tracks alike. */
export function expectSameMedia(reading: Reading, source: Reading): void {
  expect(reading.complaints).toBe("");
  for (const kind of ["video", "audio"] as const) {
    const packets = ofKind(reading.packets, kind);
    const original = ofKind(source.packets, kind);
    expect(packets.length, `${kind} packets`).toBe(original.length);
    expectMonotonic(packets);
    expectSameTimes(packets, original);
    const checksums = (units: readonly Unit[]): string[] => ofKind(units, kind).map((unit) => unit.checksum);
    expect(checksums(reading.decoded), `decoded ${kind}`).toEqual(checksums(source.decoded));
  }
  if (audioOffsetMs(source) !== undefined) {
    expect(Math.abs(audioOffsetMs(reading)! - audioOffsetMs(source)!), "audio against video").toBeLessThan(2 * ROUNDING_MS);
  }
}

export function ofKind(units: readonly Unit[], kind: Kind): Unit[] {
  return units.filter((unit) => unit.kind === kind);
}

/** Asserts that decoding times grow strictly. */
export function expectMonotonic(units: readonly { readonly dtsMs: number }[]): void {
  for (const [i, unit] of units.entries()) {
    if (i > 0) expect(unit.dtsMs, `DTS of packet ${i}`).toBeGreaterThan(units[i - 1]!.dtsMs);
  }
}

function expectSameTimes(packets: readonly Unit[], original: readonly Unit[]): void {
  const times = (units: readonly Unit[], i: number): number[] => [
    units[i]!.dtsMs - units[0]!.dtsMs,
    units[i]!.ptsMs - units[0]!.dtsMs,
  ];
  for (const i of packets.keys()) {
    const [dts = 0, pts = 0] = times(packets, i);
    const [originalDts = 0, originalPts = 0] = times(original, i);
    expect(Math.abs(dts - originalDts), `DTS of packet ${i}`).toBeLessThan(ROUNDING_MS);
    expect(Math.abs(pts - originalPts), `PTS of packet ${i}`).toBeLessThan(ROUNDING_MS);
  }
}

/** How much later the first audio packet is presented than the first picture. */
function audioOffsetMs({ packets }: Reading): number | undefined {
  const firstPts = (kind: Kind): number | undefined => {
    const all = ofKind(packets, kind).map((packet) => packet.ptsMs);
    return all.length === 0 ? undefined : Math.min(...all);
  };
  const [audio, video] = [firstPts("audio"), firstPts("video")];
  return audio === undefined || video === undefined ? undefined : audio - video;
}
