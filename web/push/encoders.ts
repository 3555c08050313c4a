import type { Track } from "../../src/media/track.ts";
import { AudioEncoding } from "./audio-encoding.ts";
import { chooseAudio } from "./encoder-choice.ts";
import type { EncodedFrame } from "./push-frame.ts";
import type { PushSettings } from "./push-settings.ts";
import { AudioCapture } from "./sources/audio-capture.ts";
import type { CaptureSource } from "./sources/capture-source.ts";
import { VideoEncoding } from "./video-encoding.ts";

export interface EncodersOptions {
  readonly source: CaptureSource;
  readonly settings: PushSettings;
  readonly onTrack: (track: Track) => void;
  readonly onFrame: (frame: EncodedFrame) => void;
  readonly onError: (error: Error) => void;
}

/** Source, picture encoder and sound encoder, running together until `close`. The source is closed with them. */
export class Encoders {
  readonly video: VideoEncoding;
  /** The video track, and the audio track when there is sound, as soon as the encoders have described them. */
  readonly tracks = new Map<number, Track>();
  /** How many tracks there will be. */
  readonly trackCount: number;
  /** Why there is no sound although it was wanted; empty when all is well. */
  readonly silence: string;
  readonly #options: EncodersOptions;
  readonly #audio: AudioEncoding | null;
  readonly #capture: AudioCapture | null;

  private constructor(options: EncodersOptions, sound: Sound) {
    this.#options = options;
    const encoding = {
      settings: options.settings,
      onFrame: options.onFrame,
      onError: options.onError,
      onTrack: (track: Track) => {
        this.tracks.set(track.id, track);
        options.onTrack(track);
      },
    };
    this.video = new VideoEncoding(encoding);
    this.silence = sound.silence;
    this.#capture = sound.capture;
    this.#audio = sound.capture && sound.choice ? new AudioEncoding({ ...encoding, choice: sound.choice }) : null;
    this.trackCount = this.#audio ? 2 : 1;
    this.#run();
  }

  static async start(options: EncodersOptions): Promise<Encoders> {
    return new Encoders(options, options.source.hasAudio ? await openSound() : NO_SOUND);
  }

  /** True when every encoder has described its track, so that a stream can begin. */
  get isReady(): boolean {
    return this.tracks.size >= this.trackCount;
  }

  close(): void {
    this.#options.source.close();
    this.#capture?.close();
    this.#audio?.close();
    this.video.close();
  }

  #run(): void {
    const { source } = this.#options;
    source.onPicture((picture) => this.video.push(picture));
    if (!this.#capture || !this.#audio) return;
    const audio = this.#audio;
    this.#capture.onBlock((samples, nowUs) => audio.push(samples, nowUs));
    source.connectAudio(this.#capture);
  }
}

interface Sound {
  readonly capture: AudioCapture | null;
  readonly choice: Awaited<ReturnType<typeof chooseAudio>>;
  readonly silence: string;
}

const NO_SOUND: Sound = { capture: null, choice: null, silence: "" };

/** A picture without sound is better than nothing, so no failure here ends the stream. */
async function openSound(): Promise<Sound> {
  const choice = await chooseAudio();
  if (!choice) return { ...NO_SOUND, silence: "This browser encodes neither AAC nor Opus; the stream has no sound." };
  try {
    return { capture: await AudioCapture.open(), choice, silence: "" };
  } catch (error) {
    return { ...NO_SOUND, silence: `The sound could not be started (${error instanceof Error ? error.message : error}).` };
  }
}
