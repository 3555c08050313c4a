import { LimitError } from "../../base/media-error.ts";
import { CODECS, createTrack } from "../../codecs/codec.ts";
import type { LengthSize } from "../../codecs/h264/nal-units.ts";
import type { MediaSink } from "../../media/frame.ts";
import { type Codec, type Track, trackId } from "../../media/track.ts";
import { announcedLengthSize, canonicalConfig, canonicalPayload } from "./canonical-form.ts";

/** A decoder configuration with every parameter set there is takes some hundred bytes. */
export const MAX_CONFIG_BYTES = 16 * 1024;
/** FLV and RTMP count in milliseconds. */
export const FLV_TIMESCALE = 1000;

const EMPTY = new Uint8Array(0);

/** One track of a stream that arrives as tags: its configuration in force, and the frames of it in canonical form. */
export class TrackInput {
  readonly #kind: "video" | "audio";
  readonly #index: number;
  readonly #sink: MediaSink;
  #codec: Codec | undefined;
  /** The sequence header as it came, to know it again: encoders repeat it. */
  #record: Uint8Array | undefined;
  #config: Uint8Array = EMPTY;
  #lengthSize: LengthSize = 4;
  /** Announced to the sink; undefined while the size has to be read from a key frame first. */
  #track: Track | undefined;
  /** The number of channels that a MultichannelConfig gave; 0 without one. */
  #channels = 0;

  constructor(kind: "video" | "audio", index: number, sink: MediaSink) {
    this.#kind = kind;
    this.#index = index;
    this.#sink = sink;
  }

  /** Takes the decoder configuration. The same one again does nothing. Throws FormatError when it is malformed. */
  configure(codec: Codec, record: Uint8Array): void {
    if (record.length > MAX_CONFIG_BYTES) {
      throw new LimitError(`flv: a decoder configuration of ${record.length} bytes is above the limit of ${MAX_CONFIG_BYTES}`);
    }
    if (codec === this.#codec && this.#record !== undefined && equalBytes(this.#record, record)) return;
    const lengthSize = announcedLengthSize(codec, record);
    const config = canonicalConfig(codec, record);
    const track = createTrack(codec, this.#index, FLV_TIMESCALE, config);
    this.#codec = codec;
    this.#record = record.slice();
    this.#config = config;
    this.#lengthSize = lengthSize;
    const isComplete = CODECS[codec].describeFrame === undefined || track.width > 0 || track.sampleRate > 0;
    if (isComplete) this.#announce(track);
    else this.#track = undefined;
  }

  /** The number of channels in bitstreams that do not say it themselves. */
  setChannels(channels: number): void {
    this.#channels = channels;
    if (this.#track && this.#track.channels !== channels) this.#announce(this.#track);
  }

  /**
   * Hands one frame to the sink, whose bytes are a view or a copy in canonical form. Frames that no decoder could use are dropped:
   * empty ones, and those before their configuration or, where the size is in key frames, before the first of these.
   */
  frame(
    codec: Codec,
    dts: number,
    compositionTime: number,
    ptsNanos: number,
    isKey: boolean,
    body: Uint8Array,
    arrivalMs: number,
  ): void {
    if (body.length === 0) return;
    if (codec !== this.#codec) {
      if (CODECS[codec].needsConfig) return;
      this.configure(codec, EMPTY);
    }
    const payload = canonicalPayload(codec, body, this.#lengthSize);
    if (payload.length === 0) return;
    if (this.#track === undefined) {
      if (!isKey) return;
      this.#announce(createTrack(codec, this.#index, FLV_TIMESCALE, this.#config, payload));
    }
    const pts = Math.max(0, dts + compositionTime);
    this.#sink.frame({ track: this.#track!, dts, pts, ptsNanos, isKey, arrivalMs, payload });
  }

  /** The track brings no more frames until it is configured again. */
  end(): void {
    const isKnown = this.#track !== undefined;
    this.#codec = this.#record = this.#track = undefined;
    this.#channels = 0;
    if (isKnown) this.#sink.trackEnd(trackId(this.#kind, this.#index));
  }

  #announce(track: Track): void {
    this.#track = this.#channels > 0 && this.#channels !== track.channels ? { ...track, channels: this.#channels } : track;
    this.#sink.track(this.#track);
  }
}

/** Whether two arrays hold the same bytes. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
