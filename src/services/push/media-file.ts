import { open } from "node:fs/promises";
import { readFlvFile } from "./flv-file.ts";
import type { MediaEvents } from "./media-event.ts";
import { MediaFileError } from "./media-file-error.ts";

/** Reads an FLV, MP4 or MPEG-TS file from its start; which it is, its first bytes say. Throws MediaFileError or FormatError. */
export async function* readMediaFile(path: string): MediaEvents {
  const isFlv = (await firstBytes(path)).startsWith("FLV");
  if (isFlv) {
    yield* readFlvFile(path);
    return;
  }
  const { readMp4OrTsFile } = await import("./mp4-ts-file.ts"); // only now: FLV needs no mediabunny
  yield* readMp4OrTsFile(path);
}

/** Whether the file can be opened at all. Throws MediaFileError. */
export async function checkMediaFile(path: string): Promise<void> {
  await firstBytes(path);
}

const REASONS: Readonly<Record<string, string>> = { ENOENT: "no such file", EACCES: "permission denied", EISDIR: "is a folder" };

async function firstBytes(path: string): Promise<string> {
  try {
    await using file = await open(path);
    const { bytesRead, buffer } = await file.read(Buffer.alloc(3), 0, 3, 0);
    return buffer.toString("latin1", 0, bytesRead);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
    throw new MediaFileError(`${path}: cannot be read: ${REASONS[code] ?? code}`);
  }
}
