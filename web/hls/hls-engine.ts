import Hls, { type ErrorData, type FragLoadedData, type LevelSwitchedData } from "hls.js";
import type { Engine, EngineEnd, EngineStats } from "../player/engine.ts";

/** In target durations: where playback starts behind the newest segment, and from where it jumps. */
const SYNC_DURATIONS = 2;
const MAX_LATENCY_DURATIONS = 6;
const MAX_RATE = 1.1;
const BACK_BUFFER_S = 20;

/** HLS through hls.js, which holds its own distance to the live edge. */
export class HlsEngine implements Engine {
  readonly isSteered = false;
  readonly #url: string;
  #hls: Hls | null = null;
  #video: HTMLVideoElement | null = null;
  #onEnded: (() => void) | null = null;
  #bitrateBps: number | null = null;
  #level: string | null = null;

  constructor(url: string) {
    this.#url = url;
  }

  static isSupported(): boolean {
    return Hls.isSupported();
  }

  start(video: HTMLVideoElement, onEnd: (end: EngineEnd) => void): void {
    const hls = new Hls({
      lowLatencyMode: true,
      liveSyncDurationCount: SYNC_DURATIONS,
      liveMaxLatencyDurationCount: MAX_LATENCY_DURATIONS,
      maxLiveSyncPlaybackRate: MAX_RATE,
      backBufferLength: BACK_BUFFER_S,
    });
    this.#hls = hls;
    this.#video = video;
    this.#onEnded = () => {
      this.destroy();
      onEnd({ kind: "ended", message: "the stream ended" });
    };
    video.addEventListener("ended", this.#onEnded); // the playlist has got its end, and all of it was played
    let mediaErrors = 0;
    hls.on(Hls.Events.ERROR, (_event, data) => {
      if (!data.fatal) return;
      if (data.type === Hls.ErrorTypes.MEDIA_ERROR && isRecoverable(data) && mediaErrors++ < 2) {
        hls.recoverMediaError();
        return;
      }
      this.destroy();
      onEnd(describe(data));
    });
    hls.on(Hls.Events.FRAG_LOADED, (_event, data) => this.#measure(data));
    hls.on(Hls.Events.LEVEL_SWITCHED, (_event, data) => this.#nameLevel(hls, data));
    hls.loadSource(this.#url);
    hls.attachMedia(video);
  }

  stats(): EngineStats {
    const hls = this.#hls;
    const hasLatency = hls !== null && hls.latency > 0;
    return {
      bitrateBps: this.#bitrateBps,
      latencyMs: hasLatency ? hls.latency * 1000 : null,
      targetMs: hls !== null && hls.targetLatency !== null ? hls.targetLatency * 1000 : null,
      level: this.#level,
    };
  }

  livePosition(): number | null {
    return this.#hls?.liveSyncPosition ?? null;
  }

  destroy(): void {
    if (this.#onEnded) this.#video?.removeEventListener("ended", this.#onEnded);
    this.#onEnded = null;
    this.#video = null;
    this.#hls?.destroy();
    this.#hls = null;
  }

  #measure({ frag }: FragLoadedData): void {
    if (frag.duration > 0 && frag.stats.total > 0) this.#bitrateBps = (frag.stats.total * 8) / frag.duration;
  }

  #nameLevel(hls: Hls, { level }: LevelSwitchedData): void {
    const height = hls.levels[level]?.height ?? 0;
    this.#level = height > 0 ? `${height}p` : `${level + 1} of ${hls.levels.length}`;
  }
}

function isRecoverable(data: ErrorData): boolean {
  return (
    data.details !== Hls.ErrorDetails.MANIFEST_INCOMPATIBLE_CODECS_ERROR &&
    data.details !== Hls.ErrorDetails.BUFFER_ADD_CODEC_ERROR
  );
}

function describe(data: ErrorData): EngineEnd {
  const message = data.error?.message || data.details;
  if (data.type === Hls.ErrorTypes.NETWORK_ERROR) return { kind: "network", message };
  return { kind: isRecoverable(data) ? "media" : "unsupported", message };
}
