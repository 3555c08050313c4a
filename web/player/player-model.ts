import { effect, type Signal, signal } from "@preact/signals";
import { History } from "../streams/history.ts";
import type { StreamName } from "../streams/stream-name.ts";
import type { PlayerKind } from "./codec-support.ts";
import type { LiveSession } from "./live-session.ts";
import { exposeForAutomation, type PlayerAutomation } from "./player-status.ts";
import { Snapshot } from "./snapshot.ts";

/** Samples of latency that the panel draws. */
const LATENCY_SAMPLES = 100;

export interface PlayerModelOptions {
  readonly kind: PlayerKind;
  readonly stream: StreamName;
  readonly transport: () => string;
  readonly createSession: (video: HTMLVideoElement, onDisconnect: () => void) => LiveSession;
}

/** One player page: its video element, its session, and what its parts show. */
export class PlayerModel {
  readonly options: PlayerModelOptions;
  readonly video: HTMLVideoElement;
  readonly canvas: HTMLCanvasElement;
  readonly session: LiveSession;
  readonly isMuted: Signal<boolean> = signal(true);
  readonly volume: Signal<number> = signal(1);
  /** True until the user has once decided about the sound. */
  readonly offersSound: Signal<boolean> = signal(true);
  readonly latencies: Signal<readonly number[]> = signal([]);
  readonly #history = new History(LATENCY_SAMPLES);
  readonly #snapshot: Snapshot;

  constructor(options: PlayerModelOptions) {
    this.options = options;
    this.video = document.createElement("video");
    this.video.muted = true;
    this.video.playsInline = true;
    this.video.setAttribute("aria-label", `Live video of ${options.stream.app}/${options.stream.name}`);
    this.canvas = document.createElement("canvas");
    this.canvas.setAttribute("aria-hidden", "true");
    this.#snapshot = new Snapshot(this.canvas);
    this.session = options.createSession(this.video, () => this.#snapshot.take(this.video));
    this.video.addEventListener("volumechange", () => this.#readVolume());
    this.#listen();
    exposeForAutomation(this.#automation());
  }

  toggleMuted(): void {
    this.video.muted = !this.video.muted;
    if (!this.video.muted && this.video.volume === 0) this.video.volume = 1;
    this.offersSound.value = false;
  }

  setVolume(volume: number): void {
    this.video.volume = volume;
    this.video.muted = volume === 0;
    this.offersSound.value = false;
  }

  togglePlaying(): void {
    if (this.session.situation.value.state === "paused") this.session.start();
    else this.session.pause();
  }

  #readVolume(): void {
    this.isMuted.value = this.video.muted;
    this.volume.value = this.video.volume;
  }

  #listen(): void {
    effect(() => {
      if (this.session.situation.value.state === "playing") this.#snapshot.clear();
    });
    effect(() => {
      const { latencyMs } = this.session.stats.value;
      if (latencyMs === null) return;
      this.#history.push(latencyMs);
      this.latencies.value = this.#history.values;
    });
  }

  #automation(): PlayerAutomation {
    const { session, video } = this;
    const { kind, stream, transport } = this.options;
    return {
      page: kind,
      stream: `${stream.app}/${stream.name}`,
      get transport() {
        return transport();
      },
      get state() {
        return session.situation.peek().state;
      },
      get message() {
        return session.situation.peek().message;
      },
      get latencyMs() {
        return session.stats.peek().latencyMs;
      },
      get bufferMs() {
        return session.stats.peek().bufferMs;
      },
      get decodedFrames() {
        return session.stats.peek().decodedFrames;
      },
      get droppedFrames() {
        return session.stats.peek().droppedFrames;
      },
      get reconnects() {
        return session.reconnects.peek();
      },
      get currentTime() {
        return video.currentTime;
      },
      get playbackRate() {
        return video.playbackRate;
      },
      get muted() {
        return video.muted;
      },
    };
  }
}
