import { open } from "node:fs/promises";
import { FlvTagDemuxer } from "../../containers/flv/tag-demuxer.ts";
import { readFlvTags } from "../clients/flv-tags.ts";
import { MediaEventQueue, type MediaEvents } from "./media-event.ts";

const READ_BYTES = 256 * 1024;

/** Reads an FLV file, which may end in the middle of a tag, as recordings of crashed servers do. */
export async function* readFlvFile(path: string): MediaEvents {
  const queue = new MediaEventQueue();
  const demuxer = new FlvTagDemuxer(queue);
  for await (const tag of readFlvTags(readPieces(path))) {
    demuxer.read(tag);
    yield* queue.take();
  }
}

/** The bytes of a file, each piece in a buffer of its own. */
async function* readPieces(path: string): AsyncGenerator<Uint8Array, void, undefined> {
  await using file = await open(path);
  for (;;) {
    const { bytesRead, buffer } = await file.read(new Uint8Array(READ_BYTES), 0, READ_BYTES);
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
  }
}
