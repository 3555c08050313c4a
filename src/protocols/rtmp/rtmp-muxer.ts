import type { ByteWriter } from "../../bytes/byte-writer.ts";
import { FLV_AUDIO, FLV_SCRIPT, FLV_VIDEO, type FlvTagType } from "../../containers/flv/flv-tag.ts";
import {
  describeTracks,
  MAX_MADE_METADATA_BYTES,
  METADATA_TIMESTAMP,
  metadataBodySize,
  writeMetadataBody,
} from "../../containers/flv/script-data.ts";
import { type FlvSelect, formatName, ServedTrackIds, servedTracks } from "../../containers/flv/served-tracks.ts";
import {
  canWriteTrack,
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
} from "../../containers/flv/tag-writer.ts";
import { equalBytes } from "../../containers/flv/track-input.ts";
import type { Frame } from "../../media/frame.ts";
import type { Format, Muxer } from "../../media/muxer.ts";
import type { Prologue } from "../../media/prologue.ts";
import { MAX_TRACKS_PER_KIND, type Track } from "../../media/track.ts";
import { type MessageHeader, maxChunkedBytes, splitIntoChunks, writeMessageHeader } from "./chunk-writer.ts";
import { ChunkStreamId, RTMP_OUT_CHUNK_SIZE } from "./messages.ts";

/** The message stream id of a connection's first stream: what nearly all players and servers use. */
const FIRST_STREAM_ID = 1;

export interface RtmpMuxerOptions {
  /** Message stream id; 1 if not given. */
  readonly streamId?: number;
  /** Write every track under its number (Enhanced RTMP v2 multitrack), not only the first of each kind. */
  readonly multitrack?: boolean;
  /** For a server that is published to: metadata has `@setDataFrame` in front. */
  readonly isForPublishing?: boolean;
}

/**
 * RTMP messages of all the media, or of one kind: formats `rtmp`, `rtmp/audio`, `rtmp/video`. Every message begins with a type 0 chunk, so
 * that a viewer can be put at any of them, and is cut into chunks of RTMP_OUT_CHUNK_SIZE, which the session has announced.
 */
export function rtmpFormat(select: FlvSelect, options: RtmpMuxerOptions = {}): Format {
  return { name: formatName("rtmp", select), createMuxer: () => new RtmpMuxer(select, options) };
}

const EMPTY = new Uint8Array(0);

const LANES: Readonly<Record<FlvTagType, number>> = {
  [FLV_AUDIO]: ChunkStreamId.audio,
  [FLV_VIDEO]: ChunkStreamId.video,
  [FLV_SCRIPT]: ChunkStreamId.data,
};

class RtmpMuxer implements Muxer {
  readonly #select: FlvSelect;
  readonly #served: ServedTrackIds;
  readonly #multitrack: boolean;
  readonly #isForPublishing: boolean;
  /** Reused for each message: the per-frame path allocates nothing. */
  readonly #header: { -readonly [Field in keyof MessageHeader]: MessageHeader[Field] };

  constructor(select: FlvSelect, options: RtmpMuxerOptions) {
    this.#select = select;
    this.#served = new ServedTrackIds(select);
    this.#multitrack = options.multitrack ?? false;
    this.#isForPublishing = options.isForPublishing ?? false;
    this.#header = { chunkStreamId: 0, type: 0, streamId: options.streamId ?? FIRST_STREAM_ID, timestamp: 0 };
  }

  maxFrameBytes(frame: Frame): number {
    return maxChunkedBytes(MAX_TAG_BODY_HEAD_BYTES + frame.payload.length, RTMP_OUT_CHUNK_SIZE);
  }

  /** Metadata, a beginning of each track of the prologue and an end of each of those before. */
  maxPrologueBytes(prologue: Prologue): number {
    const metadataBytes = Math.max(prologue.metadata.length, MAX_MADE_METADATA_BYTES);
    const metadataBodyBytes = metadataBodySize(EMPTY, this.#isForPublishing) + metadataBytes;
    let bytes = maxChunkedBytes(metadataBodyBytes, RTMP_OUT_CHUNK_SIZE);
    for (const track of prologue.tracks)
      bytes += maxChunkedBytes(MAX_TAG_BODY_HEAD_BYTES + track.config.length, RTMP_OUT_CHUNK_SIZE);
    const maxEnds = this.#multitrack ? 2 * MAX_TRACKS_PER_KIND : 2;
    return bytes + maxEnds * maxChunkedBytes(MAX_TAG_BODY_HEAD_BYTES, RTMP_OUT_CHUNK_SIZE);
  }

  writeStart(w: ByteWriter, prologue: Prologue, atMs: number): void {
    if (!this.#served.isKnown) this.#served.follow(prologue);
    const tracks = this.#tracks(prologue);
    const [video, audio] = (["video", "audio"] as const).map((kind) => tracks.find((track) => track.kind === kind));
    this.#writeMetadata(w, prologue.metadata.length > 0 ? prologue.metadata : describeTracks(video, audio));
    for (const track of tracks) this.#writeSequenceStart(w, track, atMs);
  }

  writeChange(w: ByteWriter, before: Prologue, after: Prologue, atMs: number): void {
    this.#served.follow(after);
    if (after.metadata.length > 0 && !equalBytes(before.metadata, after.metadata)) this.#writeMetadata(w, after.metadata);
    const old = this.#tracks(before);
    const now = this.#tracks(after);
    for (const track of old) if (!now.some((each) => this.#isSuccessor(track, each))) this.#writeSequenceEnd(w, track, atMs);
    for (const track of now) {
      const known = old.find((each) => this.#isSuccessor(each, track));
      if (known?.codec !== track.codec || !equalBytes(known.config, track.config)) this.#writeSequenceStart(w, track, atMs);
    }
  }

  /** Any message is a place to join: nothing is written. */
  writeGopStart(_w: ByteWriter, prologue: Prologue): void {
    this.#served.follow(prologue);
  }

  writeFrame(w: ByteWriter, frame: Frame): void {
    if (!this.#serves(frame.track)) return;
    const start = this.#begin(w, tagTypeOf(frame.track), tagTimestamp(frame), tagBodySize(frame, this.#multitrack));
    writeTagBody(w, frame, this.#multitrack);
    splitIntoChunks(w, start, this.#header, RTMP_OUT_CHUNK_SIZE);
  }

  #serves(track: Track): boolean {
    if (!this.#multitrack) return this.#served.serves(track);
    return this.#isSelected(track) && canWriteTrack(track, true);
  }

  #isSelected(track: Track): boolean {
    return this.#select === "av" || track.kind === "data" || track.kind === this.#select;
  }

  #tracks(prologue: Prologue): Track[] {
    return this.#multitrack ? prologue.tracks.filter((track) => this.#serves(track)) : servedTracks(prologue, this.#select);
  }

  /** Whether `after` stands in the messages where `before` stood. */
  #isSuccessor(before: Track, after: Track): boolean {
    return this.#multitrack ? before.id === after.id : before.kind === after.kind;
  }

  #begin(w: ByteWriter, type: FlvTagType, timestamp: number, bodyBytes: number): number {
    this.#header.chunkStreamId = LANES[type];
    this.#header.type = type;
    this.#header.timestamp = timestamp;
    writeMessageHeader(w, this.#header, bodyBytes);
    return w.offset;
  }

  #writeMetadata(w: ByteWriter, value: Uint8Array): void {
    const start = this.#begin(w, FLV_SCRIPT, METADATA_TIMESTAMP, metadataBodySize(value, this.#isForPublishing));
    writeMetadataBody(w, value, this.#isForPublishing);
    splitIntoChunks(w, start, this.#header, RTMP_OUT_CHUNK_SIZE);
  }

  #writeSequenceStart(w: ByteWriter, track: Track, atMs: number): void {
    if (!hasSequenceStart(track)) return;
    const start = this.#begin(w, tagTypeOf(track), atMs >>> 0, sequenceStartSize(track, this.#multitrack));
    writeSequenceStart(w, track, this.#multitrack);
    splitIntoChunks(w, start, this.#header, RTMP_OUT_CHUNK_SIZE);
  }

  #writeSequenceEnd(w: ByteWriter, track: Track, atMs: number): void {
    const size = sequenceEndSize(track, this.#multitrack);
    if (size === 0) return;
    const start = this.#begin(w, tagTypeOf(track), atMs >>> 0, size);
    writeSequenceEnd(w, track, this.#multitrack);
    splitIntoChunks(w, start, this.#header, RTMP_OUT_CHUNK_SIZE);
  }
}
