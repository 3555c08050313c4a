import { ParserDriver } from "../bytes/parser.ts";
import { flvStream } from "../containers/flv/flv-parser.ts";
import { FlvTagDemuxer } from "../containers/flv/tag-demuxer.ts";
import type { MediaSink } from "../media/frame.ts";
import { wallClockMs } from "./wall-clock.ts";

/** What a tag may have besides its frame: headers, metadata. */
const TAG_OVERHEAD_BYTES = 64 * 1024;

/** Takes the bytes of an FLV stream however they are cut and feeds a stream with its frames. */
export class FlvFeed {
  readonly #driver: ParserDriver;

  constructor(sink: MediaSink, maxFrameBytes: number) {
    const demuxer = new FlvTagDemuxer(sink, { now: wallClockMs });
    const grammar = flvStream((tag) => demuxer.read(tag));
    this.#driver = new ParserDriver(grammar, { format: "flv", maxAskBytes: maxFrameBytes + TAG_OVERHEAD_BYTES });
  }

  /** Takes `bytes` (not to be written again by the caller). Throws MediaError on bytes that are no FLV, or unsupported. */
  push(bytes: Uint8Array): void {
    this.#driver.push(bytes);
  }
}
