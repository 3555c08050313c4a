import type { PushSettings } from "../push-settings.ts";
import type { AudioCapture } from "./audio-capture.ts";
import type { CaptureSource } from "./capture-source.ts";
import { drawTestPicture } from "./test-picture.ts";
import { startTestTone } from "./test-tone.ts";
import { startTicker } from "./ticker.ts";

/** A picture with a clock and a tone that strikes the seconds: needs no device and no permission. */
export class TestSource implements CaptureSource {
  readonly preview: HTMLCanvasElement;
  readonly hasAudio: boolean;
  readonly #fps: number;
  readonly #label: string;
  #stops: (() => void)[] = [];

  constructor(settings: PushSettings) {
    this.hasAudio = settings.hasAudio;
    this.#fps = settings.fps;
    this.#label = `${settings.app}/${settings.name}`;
    this.preview = document.createElement("canvas");
    this.preview.height = settings.height;
    this.preview.width = Math.round((settings.height * 16) / 9 / 2) * 2;
  }

  onPicture(take: (picture: VideoFrame) => void): void {
    const context = this.preview.getContext("2d", { alpha: false, desynchronized: true });
    if (!context) throw new Error("This browser gives no canvas to draw on.");
    let frame = 0;
    const draw = () => {
      drawTestPicture(context, { now: new Date(), frame: frame++, fps: this.#fps, label: this.#label });
      take(new VideoFrame(this.preview, { timestamp: Math.round(performance.now() * 1000), alpha: "discard" }));
    };
    this.#stops.push(startTicker(1000 / this.#fps, draw));
  }

  connectAudio(capture: AudioCapture): void {
    this.#stops.push(startTestTone(capture.context, capture.input));
  }

  onEnded(): void {
    // It ends only when it is closed.
  }

  close(): void {
    for (const stop of this.#stops) stop();
    this.#stops = [];
  }
}
