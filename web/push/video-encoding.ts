import { type Track, trackId } from "../../src/media/track.ts";
import { descriptionBytes, vpConfig } from "./codec-configs.ts";
import { chooseVideo, type VideoChoice } from "./encoder-choice.ts";
import { fitSize, type PictureSize } from "./picture-size.ts";
import type { EncodedFrame } from "./push-frame.ts";
import type { PushSettings } from "./push-settings.ts";

/** Pictures that may wait in the encoder; more means that this machine is too slow, and waiting would only add delay. */
const MAX_QUEUE = 4;
/** A frame this much too early still counts as the next one: cameras are not exact. */
const EARLY_SHARE = 0.3;

export interface VideoEncodingOptions {
  readonly settings: PushSettings;
  readonly onTrack: (track: Track) => void;
  readonly onFrame: (frame: EncodedFrame) => void;
  readonly onError: (error: Error) => void;
}

/** Encodes pictures; the encoder is made for the size of the first one, and again when a window or a phone changes its shape. */
export class VideoEncoding {
  readonly #options: VideoEncodingOptions;
  #encoder: VideoEncoder | null = null;
  #choice: VideoChoice | null = null;
  #size: PictureSize = { width: 0, height: 0 };
  #shape = "";
  #isConfiguring = false;
  #wantsKey = true;
  #lastUs = Number.NEGATIVE_INFINITY;
  #lastKeyUs = Number.NEGATIVE_INFINITY;
  /** Pictures left out because the encoder did not keep up. */
  skipped = 0;

  constructor(options: VideoEncodingOptions) {
    this.#options = options;
  }

  get choice(): VideoChoice | null {
    return this.#choice;
  }

  /** The next picture will be a key frame. */
  requestKeyFrame(): void {
    this.#wantsKey = true;
  }

  /** Takes `picture` and closes it. Its timestamp is in microseconds. */
  push(picture: VideoFrame): void {
    const shape = `${picture.displayWidth}x${picture.displayHeight}`;
    if (shape !== this.#shape && !this.#isConfiguring) void this.#configure(picture.displayWidth, picture.displayHeight, shape);
    if (this.#encoder?.state === "configured" && shape === this.#shape && this.#isDue(picture.timestamp))
      this.#encode(this.#encoder, picture);
    picture.close();
  }

  close(): void {
    if (this.#encoder && this.#encoder.state !== "closed") this.#encoder.close();
    this.#encoder = null;
    this.#shape = "closed";
    this.#isConfiguring = true; // no picture starts it again
  }

  #isDue(timestampUs: number): boolean {
    const stepUs = 1e6 / this.#options.settings.fps;
    if (timestampUs - this.#lastUs < stepUs * (1 - EARLY_SHARE)) return false;
    this.#lastUs = timestampUs;
    return true;
  }

  #encode(encoder: VideoEncoder, picture: VideoFrame): void {
    if (encoder.encodeQueueSize >= MAX_QUEUE) {
      this.skipped++;
      return;
    }
    const isTime = picture.timestamp - this.#lastKeyUs >= this.#options.settings.keyIntervalS * 1e6 - 5000;
    const keyFrame = this.#wantsKey || isTime;
    if (keyFrame) this.#lastKeyUs = picture.timestamp;
    this.#wantsKey = false;
    encoder.encode(picture, { keyFrame });
  }

  async #configure(width: number, height: number, shape: string): Promise<void> {
    this.#isConfiguring = true;
    const size = fitSize({ width, height }, this.#options.settings.height);
    const choice = await chooseVideo(size, this.#options.settings);
    if (this.#shape === "closed") return;
    if (!choice) {
      this.#options.onError(new Error("This browser has no encoder for H.264, VP9 or VP8 in this size."));
      return;
    }
    if (this.#encoder && this.#encoder.state !== "closed") this.#encoder.close();
    this.#choice = choice;
    this.#size = size;
    this.#wantsKey = true;
    this.#encoder = new VideoEncoder({
      output: (chunk, metadata) => this.#emit(chunk, metadata),
      error: (error) => this.#options.onError(error),
    });
    this.#encoder.configure(choice.config);
    this.#shape = shape;
    this.#isConfiguring = false;
  }

  #emit(chunk: EncodedVideoChunk, metadata: EncodedVideoChunkMetadata | undefined): void {
    const { codec } = this.#choice ?? { codec: "h264" };
    if (metadata?.decoderConfig) {
      const config = codec === "h264" ? descriptionBytes(metadata.decoderConfig.description) : vpConfig(this.#size);
      const none = { sampleRate: 0, channels: 0 };
      this.#options.onTrack({ id: trackId("video", 0), kind: "video", codec, timescale: 1000, config, ...this.#size, ...none });
    }
    const payload = new Uint8Array(chunk.byteLength);
    chunk.copyTo(payload);
    this.#options.onFrame({ isVideo: true, isKey: chunk.type === "key", timestampUs: chunk.timestamp, payload });
  }
}
