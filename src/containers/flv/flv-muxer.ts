import type { ByteWriter } from "../../bytes/byte-writer.ts";
import type { Frame } from "../../media/frame.ts";
import type { Format, Muxer } from "../../media/muxer.ts";
import type { Prologue } from "../../media/prologue.ts";
import type { Track } from "../../media/track.ts";
import {
  FLV_HEADER_BYTES,
  FLV_SCRIPT,
  FLV_TAG_OVERHEAD_BYTES,
  type FlvTagType,
  writeFlvHeader,
  writeTagEnd,
  writeTagHeader,
} from "./flv-tag.ts";
import {
  describeTracks,
  MAX_MADE_METADATA_BYTES,
  METADATA_TIMESTAMP,
  metadataBodySize,
  writeMetadataBody,
} from "./script-data.ts";
import { type FlvSelect, formatName, ServedTrackIds, servedTracks } from "./served-tracks.ts";
import {
  hasSequenceStart,
  MAX_TAG_BODY_HEAD_BYTES,
  sequenceEndSize,
  sequenceStartSize,
  tagBodySize,
  tagTimestamp,
  tagTypeOf,
  writeSequenceEnd,
  writeSequenceStart,
  writeTagBody,
} from "./tag-writer.ts";
import { equalBytes } from "./track-input.ts";

/** FLV with all the media, or one kind of it: formats `flv`, `flv/audio`, `flv/video`. The first track of each kind is served. */
export function flvFormat(select: FlvSelect): Format {
  return { name: formatName("flv", select), createMuxer: () => new FlvMuxer(select) };
}

class FlvMuxer implements Muxer {
  readonly #select: FlvSelect;
  readonly #served: ServedTrackIds;

  constructor(select: FlvSelect) {
    this.#select = select;
    this.#served = new ServedTrackIds(select);
  }

  maxFrameBytes(frame: Frame): number {
    return FLV_TAG_OVERHEAD_BYTES + MAX_TAG_BODY_HEAD_BYTES + frame.payload.length;
  }

  /** Enough for an end and a beginning of each track. */
  maxPrologueBytes(prologue: Prologue): number {
    const metadata = Math.max(prologue.metadata.length, MAX_MADE_METADATA_BYTES);
    let bytes = FLV_HEADER_BYTES + FLV_TAG_OVERHEAD_BYTES + metadataBodySize(new Uint8Array(0)) + metadata;
    for (const track of prologue.tracks) bytes += track.config.length;
    return bytes + 6 * (FLV_TAG_OVERHEAD_BYTES + MAX_TAG_BODY_HEAD_BYTES);
  }

  /** File header, `onMetaData`, decoder configurations. A viewer's own bytes: they do not lie in the shared ones. */
  writeStart(w: ByteWriter, prologue: Prologue, atMs: number): void {
    if (!this.#served.isKnown) this.#served.follow(prologue);
    const tracks = servedTracks(prologue, this.#select);
    const video = tracks.find((track) => track.kind === "video");
    const audio = tracks.find((track) => track.kind === "audio");
    writeFlvHeader(w, video !== undefined, audio !== undefined);
    const metadata = prologue.metadata.length > 0 ? prologue.metadata : describeTracks(video, audio);
    this.#writeMetadata(w, metadata);
    for (const track of tracks) this.#writeSequenceStart(w, track, atMs);
  }

  writeChange(w: ByteWriter, before: Prologue, after: Prologue, atMs: number): void {
    this.#served.follow(after);
    if (after.metadata.length > 0 && !equalBytes(before.metadata, after.metadata)) this.#writeMetadata(w, after.metadata);
    const old = servedTracks(before, this.#select);
    const now = servedTracks(after, this.#select);
    for (const track of old) {
      const size = now.some((each) => each.kind === track.kind) ? 0 : sequenceEndSize(track);
      if (size > 0) this.#writeTag(w, tagTypeOf(track), atMs, size, () => writeSequenceEnd(w, track));
    }
    for (const track of now) {
      const known = old.find((each) => each.kind === track.kind);
      if (known?.codec !== track.codec || !equalBytes(known.config, track.config)) this.#writeSequenceStart(w, track, atMs);
    }
  }

  writeGopStart(_w: ByteWriter, prologue: Prologue): void {
    this.#served.follow(prologue);
  }

  writeFrame(w: ByteWriter, frame: Frame): void {
    if (!this.#served.serves(frame.track)) return;
    const bodyBytes = tagBodySize(frame);
    writeTagHeader(w, tagTypeOf(frame.track), tagTimestamp(frame), bodyBytes);
    writeTagBody(w, frame);
    writeTagEnd(w, bodyBytes);
  }

  #writeMetadata(w: ByteWriter, value: Uint8Array): void {
    this.#writeTag(w, FLV_SCRIPT, METADATA_TIMESTAMP, metadataBodySize(value), () => writeMetadataBody(w, value));
  }

  #writeSequenceStart(w: ByteWriter, track: Track, atMs: number): void {
    if (!hasSequenceStart(track)) return;
    this.#writeTag(w, tagTypeOf(track), atMs, sequenceStartSize(track), () => writeSequenceStart(w, track));
  }

  #writeTag(w: ByteWriter, type: FlvTagType, atMs: number, bodyBytes: number, writeBody: () => void): void {
    writeTagHeader(w, type, atMs >>> 0, bodyBytes);
    writeBody();
    writeTagEnd(w, bodyBytes);
  }
}
