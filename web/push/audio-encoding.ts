import { type Track, trackId } from "../../src/media/track.ts";
import { AudioClock } from "./audio-clock.ts";
import { descriptionBytes, opusHead } from "./codec-configs.ts";
import { type AudioChoice, CHANNELS, SAMPLE_RATE } from "./encoder-choice.ts";
import type { EncodedFrame } from "./push-frame.ts";

export interface AudioEncodingOptions {
  readonly choice: AudioChoice;
  readonly onTrack: (track: Track) => void;
  readonly onFrame: (frame: EncodedFrame) => void;
  readonly onError: (error: Error) => void;
}

/** Encodes blocks of planar samples. */
export class AudioEncoding {
  readonly #options: AudioEncodingOptions;
  readonly #clock = new AudioClock(SAMPLE_RATE);
  readonly #encoder: AudioEncoder;
  #hasTrack = false;

  constructor(options: AudioEncodingOptions) {
    this.#options = options;
    this.#encoder = new AudioEncoder({
      output: (chunk, metadata) => this.#emit(chunk, metadata),
      error: (error) => options.onError(error),
    });
    this.#encoder.configure(options.choice.config);
  }

  /** `samples`: all of the left channel, then all of the right one; the last was captured at `nowUs`. */
  push(samples: Float32Array<ArrayBuffer>, nowUs: number): void {
    if (this.#encoder.state !== "configured") return;
    const numberOfFrames = samples.length / CHANNELS;
    const data = new AudioData({
      format: "f32-planar",
      sampleRate: SAMPLE_RATE,
      numberOfChannels: CHANNELS,
      numberOfFrames,
      timestamp: this.#clock.stamp(numberOfFrames, nowUs),
      data: samples,
    });
    this.#encoder.encode(data);
    data.close();
  }

  close(): void {
    if (this.#encoder.state !== "closed") this.#encoder.close();
  }

  #emit(chunk: EncodedAudioChunk, metadata: EncodedAudioChunkMetadata | undefined): void {
    const { codec } = this.#options.choice;
    if (metadata?.decoderConfig && !this.#hasTrack) {
      this.#hasTrack = true;
      const config = codec === "opus" ? opusHead(CHANNELS, SAMPLE_RATE) : descriptionBytes(metadata.decoderConfig.description);
      const shape = { width: 0, height: 0, sampleRate: SAMPLE_RATE, channels: CHANNELS };
      this.#options.onTrack({ id: trackId("audio", 0), kind: "audio", codec, timescale: 1000, config, ...shape });
    }
    const payload = new Uint8Array(chunk.byteLength);
    chunk.copyTo(payload);
    this.#options.onFrame({ isVideo: false, isKey: true, timestampUs: chunk.timestamp, payload });
  }
}
