/** Keeps the last picture on a canvas while the video element changes its source, so that a reconnect does not flash black. */
export class Snapshot {
  readonly #canvas: HTMLCanvasElement;

  constructor(canvas: HTMLCanvasElement) {
    this.#canvas = canvas;
  }

  take(video: HTMLVideoElement): void {
    if (video.videoWidth === 0 || video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA) return;
    this.#canvas.width = video.videoWidth;
    this.#canvas.height = video.videoHeight;
    try {
      this.#canvas.getContext("2d")?.drawImage(video, 0, 0);
    } catch {
      // A picture that cannot be drawn is no loss.
    }
  }

  clear(): void {
    this.#canvas.width = 0;
  }
}
