import { readFileSync } from "node:fs";
import { run } from "./programs.ts";

/** One packet of a media file. */
export interface FilePacket {
  readonly kind: "video" | "audio";
  readonly dtsMs: number;
  readonly ptsMs: number;
  readonly isKey: boolean;
  readonly data: Uint8Array;
}

interface ProbedPacket {
  readonly codec_type: string;
  readonly pts_time: string;
  readonly dts_time: string;
  readonly flags: string;
  readonly pos: string;
  readonly size: string;
}

/** The packets of an MP4 file in the order of the file, their places found by ffprobe. */
export async function mp4Packets(path: string): Promise<FilePacket[]> {
  await using ffprobe = run("ffprobe", "-v", "error", "-show_packets", "-of", "json", path);
  const { packets } = JSON.parse(await ffprobe.success()) as { packets: ProbedPacket[] };
  const file = readFileSync(path);
  return packets.map(({ codec_type, pts_time, dts_time, flags, pos, size }) => ({
    kind: codec_type === "video" ? "video" : "audio",
    dtsMs: Number(dts_time) * 1000,
    ptsMs: Number(pts_time) * 1000,
    isKey: flags.startsWith("K"),
    data: Uint8Array.from(file.subarray(Number(pos), Number(pos) + Number(size))),
  }));
}

const BOX_HEADER_BYTES = 8;

/** The body of the box of that type, of which the file has one: `hvcC`, `av1C`, `dOps`. */
export function mp4Box(path: string, type: string): Uint8Array {
  const file = readFileSync(path);
  const at = file.indexOf(type, 0, "latin1") - 4;
  if (at < 0) throw new Error(`${path} has no ${type} box`);
  return Uint8Array.from(file.subarray(at + BOX_HEADER_BYTES, at + file.readUInt32BE(at)));
}

/** The identification header of RFC 7845 that a `dOps` box (its encapsulation in MP4, §4.3.2) stands for. */
export function opusHead(dOps: Uint8Array): Uint8Array {
  const head = Buffer.concat([Buffer.from("OpusHead"), dOps]);
  const numbers = Buffer.from(dOps);
  head[8] = 1;
  head.writeUInt16LE(numbers.readUInt16BE(2), 10);
  head.writeUInt32LE(numbers.readUInt32BE(4), 12);
  head.writeInt16LE(numbers.readInt16BE(8), 16);
  return new Uint8Array(head);
}
