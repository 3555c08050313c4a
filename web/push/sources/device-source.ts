import type { PushSettings } from "../push-settings.ts";
import type { AudioCapture } from "./audio-capture.ts";
import type { CaptureSource } from "./capture-source.ts";
import { startTicker } from "./ticker.ts";

/** Chromium's way to the frames of a track; not in TypeScript's library yet. */
type TrackProcessor = new (options: { track: MediaStreamTrack }) => { readonly readable: ReadableStream<VideoFrame> };

/** Camera and microphone, or a screen, a window, a tab. */
export class DeviceSource implements CaptureSource {
  readonly preview: HTMLVideoElement;
  readonly #stream: MediaStream;
  readonly #fps: number;
  #stopFrames: () => void = () => {};

  private constructor(stream: MediaStream, fps: number) {
    this.#stream = stream;
    this.#fps = fps;
    this.preview = document.createElement("video");
    this.preview.muted = true;
    this.preview.playsInline = true;
    this.preview.srcObject = stream;
    void this.preview.play();
  }

  /** Asks the user. Throws the browser's DOMException when the answer is no, or when there is no such device. */
  static async open(settings: PushSettings): Promise<DeviceSource> {
    const height = { ideal: settings.height };
    const frameRate = { ideal: settings.fps };
    const stream =
      settings.source === "screen"
        ? await navigator.mediaDevices.getDisplayMedia({ video: { height, frameRate }, audio: settings.hasAudio })
        : await navigator.mediaDevices.getUserMedia({
            video: { height, width: { ideal: Math.round((settings.height * 16) / 9) }, frameRate },
            audio: settings.hasAudio,
          });
    return new DeviceSource(stream, settings.fps);
  }

  get hasAudio(): boolean {
    return this.#stream.getAudioTracks().length > 0;
  }

  onPicture(take: (picture: VideoFrame) => void): void {
    const track = this.#stream.getVideoTracks()[0];
    const Processor = Reflect.get(globalThis, "MediaStreamTrackProcessor") as TrackProcessor | undefined;
    this.#stopFrames =
      Processor && track ? readTrack(new Processor({ track }).readable, take) : watchElement(this.preview, this.#fps, take);
  }

  connectAudio(capture: AudioCapture): void {
    capture.context.createMediaStreamSource(new MediaStream(this.#stream.getAudioTracks())).connect(capture.input);
  }

  onEnded(ended: () => void): void {
    this.#stream.getVideoTracks()[0]?.addEventListener("ended", ended);
  }

  close(): void {
    this.#stopFrames();
    for (const track of this.#stream.getTracks()) track.stop();
    this.preview.srcObject = null;
  }
}

/** Frames as the device gives them, stamped with the time of their arrival: their own clock differs from the sound's. */
function readTrack(readable: ReadableStream<VideoFrame>, take: (picture: VideoFrame) => void): () => void {
  const reader = readable.getReader();
  const read = async () => {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const picture = new VideoFrame(value, { timestamp: Math.round(performance.now() * 1000) });
      value.close();
      take(picture);
    }
  };
  read().catch(() => {}); // the track's `ended` event says it
  return () => void reader.cancel().catch(() => {});
}

function watchElement(video: HTMLVideoElement, fps: number, take: (picture: VideoFrame) => void): () => void {
  return startTicker(1000 / fps, () => {
    if (video.videoWidth > 0) take(new VideoFrame(video, { timestamp: Math.round(performance.now() * 1000) }));
  });
}
