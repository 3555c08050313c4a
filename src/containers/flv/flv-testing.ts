import { ParserDriver } from "../../bytes/parser.ts";
import type { Frame, MediaSink } from "../../media/frame.ts";
import type { Prologue } from "../../media/prologue.ts";
import type { Track } from "../../media/track.ts";
import { flvStream, MAX_FLV_TAG_BYTES } from "./flv-parser.ts";
import type { FlvTag } from "./flv-tag.ts";

/** For tests: keeps everything that a demuxer gives, payloads copied, and the prologue in force. */
export class RecordingSink implements MediaSink {
  /** In the order of arrival: `track`, `end 256`, `metadata`, `frame`. */
  readonly events: string[] = [];
  readonly tracks: Track[] = [];
  readonly frames: Frame[] = [];
  readonly ended: number[] = [];
  metadataValue: Uint8Array = new Uint8Array(0);

  track(track: Track): void {
    this.events.push(`track ${track.codec} ${track.id}`);
    this.tracks.push(track);
  }

  trackEnd(trackId: number): void {
    this.events.push(`end ${trackId}`);
    this.ended.push(trackId);
  }

  metadata(amf0: Uint8Array): void {
    this.events.push("metadata");
    this.metadataValue = amf0;
  }

  frame(frame: Frame): void {
    this.events.push("frame");
    this.frames.push({ ...frame, payload: frame.payload.slice() });
  }

  /** The newest track of each id. */
  prologue(version = 1): Prologue {
    return {
      version,
      tracks: [...new Map(this.tracks.map((track) => [track.id, track])).values()],
      metadata: this.metadataValue,
    };
  }
}

/** For tests: the tags of an FLV file, bodies copied. */
export function readFlvTags(file: Uint8Array): FlvTag[] {
  const tags: FlvTag[] = [];
  const parser = flvStream((tag) => tags.push({ ...tag, data: tag.data.slice() }));
  new ParserDriver(parser, { format: "flv", maxAskBytes: MAX_FLV_TAG_BYTES }).push(file);
  return tags;
}
