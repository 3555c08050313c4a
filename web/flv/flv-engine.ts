import mpegts, { type Player } from "mpegts.js";
import type { Engine, EngineEnd, EngineStats } from "../player/engine.ts";

/** Received media behind the playhead that the source buffers keep: enough for a decoder, no more. */
const KEEP_BEHIND_S = 8;
const CLEAN_ABOVE_S = 24;

mpegts.LoggingControl.applyConfig({
  enableVerbose: false,
  enableDebug: false,
  enableInfo: false,
  enableWarn: false,
  enableError: false,
});

/** HTTP-FLV or WS-FLV through mpegts.js into Media Source Extensions. Its own latency control is off: `LiveEdge` does that. */
export class FlvEngine implements Engine {
  readonly isSteered = true;
  readonly #url: string;
  #player: Player | null = null;
  #bitrateBps: number | null = null;

  /** `url` begins with `http(s)://` or `ws(s)://`: that is the whole difference. */
  constructor(url: string) {
    this.#url = url;
  }

  static isSupported(): boolean {
    return mpegts.getFeatureList().mseLivePlayback;
  }

  start(video: HTMLVideoElement, onEnd: (end: EngineEnd) => void): void {
    const player = mpegts.createPlayer(
      { type: "flv", isLive: true, url: this.#url },
      {
        enableWorker: false,
        enableStashBuffer: false, // it would hold frames back until it has "enough"
        deferLoadAfterSourceOpen: false,
        lazyLoad: false,
        liveSync: false,
        liveBufferLatencyChasing: false,
        autoCleanupSourceBuffer: true,
        autoCleanupMaxBackwardDuration: CLEAN_ABOVE_S,
        autoCleanupMinBackwardDuration: KEEP_BEHIND_S,
      },
    );
    this.#player = player;
    const end = (result: EngineEnd) => {
      if (this.#player !== player) return;
      this.#player = null;
      // Not from inside of its own event: it still works with what destroy() takes away.
      queueMicrotask(() => {
        player.destroy();
        onEnd(result);
      });
    };
    player.on(mpegts.Events.ERROR, (type: string, detail: string, info: unknown) => end(describe(type, detail, info)));
    player.on(mpegts.Events.LOADING_COMPLETE, () => end({ kind: "ended", message: "the server ended the connection" }));
    player.on(mpegts.Events.STATISTICS_INFO, (info: { speed?: number }) => {
      this.#bitrateBps = info.speed === undefined ? null : info.speed * 1024 * 8;
    });
    player.attachMediaElement(video);
    player.load();
  }

  stats(): EngineStats {
    return { bitrateBps: this.#bitrateBps, latencyMs: null, targetMs: null, level: null };
  }

  livePosition(): null {
    return null;
  }

  destroy(): void {
    this.#player?.destroy();
    this.#player = null;
  }
}

function describe(type: string, detail: string, info: unknown): EngineEnd {
  const message = infoText(info) || detail;
  if (detail === mpegts.ErrorDetails.MEDIA_CODEC_UNSUPPORTED) return { kind: "unsupported", message };
  return { kind: type === mpegts.ErrorTypes.NETWORK_ERROR ? "network" : "media", message };
}

function infoText(info: unknown): string {
  if (typeof info === "string") return info;
  if (typeof info === "object" && info !== null && "msg" in info) return String(info.msg ?? "");
  return "";
}
