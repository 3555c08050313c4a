import type { Engine, EngineEnd, EngineStats } from "../player/engine.ts";

const HLS_TYPE = "application/vnd.apple.mpegurl";
/** Segments that a native player likes to have between itself and the end of the playlist. */
const LIVE_MARGIN_S = 4;

/** HLS by the browser itself: iPhones without Managed Media Source, and others where hls.js cannot work. */
export class NativeHlsEngine implements Engine {
  readonly isSteered = false;
  readonly #url: string;
  #video: HTMLVideoElement | null = null;
  #onError: (() => void) | null = null;
  #onEnded: (() => void) | null = null;

  constructor(url: string) {
    this.#url = url;
  }

  static isSupported(): boolean {
    return document.createElement("video").canPlayType(HLS_TYPE) !== "";
  }

  start(video: HTMLVideoElement, onEnd: (end: EngineEnd) => void): void {
    const finish = (end: EngineEnd) => {
      this.destroy();
      onEnd(end);
    };
    this.#video = video;
    this.#onError = () => finish(describe(video.error));
    this.#onEnded = () => finish({ kind: "ended", message: "the stream ended" });
    video.addEventListener("error", this.#onError);
    video.addEventListener("ended", this.#onEnded);
    video.src = this.#url;
    video.load();
  }

  stats(): EngineStats {
    const edge = this.#edge();
    const latencyMs = edge === null || !this.#video ? null : Math.max(0, edge - this.#video.currentTime) * 1000;
    return { bitrateBps: null, latencyMs, targetMs: null, level: null };
  }

  livePosition(): number | null {
    const edge = this.#edge();
    return edge === null ? null : Math.max(0, edge - LIVE_MARGIN_S);
  }

  destroy(): void {
    const video = this.#video;
    if (!video) return;
    this.#video = null;
    if (this.#onError) video.removeEventListener("error", this.#onError);
    if (this.#onEnded) video.removeEventListener("ended", this.#onEnded);
    video.removeAttribute("src");
    video.load();
  }

  #edge(): number | null {
    const seekable = this.#video?.seekable;
    return seekable && seekable.length > 0 ? seekable.end(seekable.length - 1) : null;
  }
}

function describe(error: MediaError | null): EngineEnd {
  const message = error?.message || "the browser could not play the stream";
  return { kind: error?.code === MediaError.MEDIA_ERR_DECODE ? "media" : "network", message };
}
