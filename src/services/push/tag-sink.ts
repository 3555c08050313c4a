import { ByteWriter } from "../../bytes/byte-writer.ts";
import { FLV_SCRIPT, type FlvTag } from "../../containers/flv/flv-tag.ts";
import { describeTracks, metadataBodySize, writeMetadataBody } from "../../containers/flv/script-data.ts";
import {
  canWriteTrack,
  hasSequenceStart,
  sequenceEndSize,
  sequenceStartSize,
  tagBodySize,
  tagTimestamp,
  tagTypeOf,
  writeSequenceEnd,
  writeSequenceStart,
  writeTagBody,
} from "../../containers/flv/tag-writer.ts";
import type { Frame, MediaSink } from "../../media/frame.ts";
import type { Track } from "../../media/track.ts";

/** Turns media into the tags of one publish: metadata and decoder configurations first, then frames. All tracks are written. */
export class TagSink implements MediaSink {
  readonly #emit: (tag: FlvTag) => void;
  readonly #tracks = new Map<number, Track>();
  #metadata: Uint8Array | undefined;
  #hasStarted = false;
  #waitsForKey = false;
  #timestamp = 0;

  /** `emit` gets tags that own their data. */
  constructor(emit: (tag: FlvTag) => void) {
    this.#emit = emit;
  }

  /** A new connection: all that comes first is sent again, and frames follow from the next key frame on. */
  restart(): void {
    this.#hasStarted = false;
    this.#waitsForKey = [...this.#tracks.values()].some((track) => track.kind === "video");
  }

  track(track: Track): void {
    this.#tracks.set(track.id, track);
    if (this.#hasStarted) this.#sequenceStart(track);
  }

  trackEnd(trackId: number): void {
    const track = this.#tracks.get(trackId);
    this.#tracks.delete(trackId);
    if (!track || !this.#hasStarted || sequenceEndSize(track, true) === 0) return;
    this.#write(tagTypeOf(track), sequenceEndSize(track, true), (w) => writeSequenceEnd(w, track, true));
  }

  metadata(amf0: Uint8Array): void {
    this.#metadata = amf0;
    if (this.#hasStarted) this.#sendMetadata(amf0);
  }

  frame(frame: Frame): void {
    const { track } = frame;
    if (this.#waitsForKey && !(track.kind === "video" && frame.isKey)) return;
    this.#waitsForKey = false;
    this.#timestamp = tagTimestamp(frame);
    if (!this.#hasStarted) this.#start();
    if (!canWriteTrack(track, true)) return;
    this.#write(tagTypeOf(track), tagBodySize(frame, true), (w) => writeTagBody(w, frame, true));
  }

  #start(): void {
    this.#hasStarted = true;
    const tracks = [...this.#tracks.values()];
    const first = (kind: Track["kind"]) => tracks.filter((track) => track.kind === kind).sort((a, b) => a.id - b.id)[0];
    this.#sendMetadata(this.#metadata ?? describeTracks(first("video"), first("audio")));
    for (const track of tracks) this.#sequenceStart(track);
  }

  #sendMetadata(amf0: Uint8Array): void {
    this.#write(FLV_SCRIPT, metadataBodySize(amf0), (w) => writeMetadataBody(w, amf0));
  }

  #sequenceStart(track: Track): void {
    if (!hasSequenceStart(track) || !canWriteTrack(track, true)) return;
    this.#write(tagTypeOf(track), sequenceStartSize(track, true), (w) => writeSequenceStart(w, track, true));
  }

  #write(type: FlvTag["type"], size: number, fill: (w: ByteWriter) => void): void {
    const w = ByteWriter.over(new Uint8Array(size));
    fill(w);
    this.#emit({ type, timestamp: this.#timestamp, data: w.written() });
  }
}
