import type { AudioCapture } from "./audio-capture.ts";

/** Something that makes pictures and perhaps sound. */
export interface CaptureSource {
  /** What the page shows of it. */
  readonly preview: HTMLVideoElement | HTMLCanvasElement;
  /** False when it has no sound, or none was wanted. */
  readonly hasAudio: boolean;
  /** Pictures, with timestamps in microseconds of `performance.now()`; who takes one closes it. */
  onPicture(take: (picture: VideoFrame) => void): void;
  /** Connects its sound. Called only when `hasAudio`. */
  connectAudio(capture: AudioCapture): void;
  /** Called when the source ends by itself: "Stop sharing", a camera pulled out. */
  onEnded(ended: () => void): void;
  close(): void;
}
