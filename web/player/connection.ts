import { viewBuffer } from "./buffered.ts";
import type { Engine, EngineEnd } from "./engine.ts";
import type { FrameCounter } from "./frame-counter.ts";
import { LiveClock } from "./live-clock.ts";
import type { LiveEdge } from "./live-edge.ts";
import type { PlayerState, PlayerStats } from "./player-status.ts";
import { Watchdog } from "./watchdog.ts";

const TICK_MS = 100;
/** Each so many ticks the page is told. */
const TICKS_PER_REPORT = 3;

export interface ConnectionOptions {
  readonly engine: Engine;
  readonly video: HTMLVideoElement;
  readonly edge: LiveEdge;
  readonly frames: FrameCounter;
  /** How long nothing may arrive before it gives up. */
  readonly starvedMs: number;
  readonly onState: (state: PlayerState) => void;
  readonly onStats: (stats: PlayerStats) => void;
}

/** One connection: an engine, and beside it a tick that steers, watches and measures. */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #clock = new LiveClock();
  readonly #watchdog: Watchdog;
  #finish: (end: EngineEnd) => void = () => {};
  #timer: ReturnType<typeof setInterval> | undefined;
  #ticks = 0;
  #isStarved = false;
  #hasPlayed = false;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#watchdog = new Watchdog({ starvedMs: options.starvedMs });
  }

  /** Plays until the engine ends, the watchdog gives up or `signal` aborts. `close` it afterwards. */
  run(signal: AbortSignal): Promise<EngineEnd> {
    return new Promise((resolve) => {
      const onAbort = () => this.#finish({ kind: "ended", message: "" });
      this.#finish = (end) => {
        clearInterval(this.#timer);
        signal.removeEventListener("abort", onAbort);
        resolve(end);
      };
      signal.addEventListener("abort", onAbort);
      this.#options.engine.start(this.#options.video, (end) => this.#finish(end));
      this.#play();
      this.#timer = setInterval(() => this.#tick(performance.now()), TICK_MS);
    });
  }

  /** Lets the video element go. */
  close(): void {
    this.#options.engine.destroy();
    this.#options.video.playbackRate = 1;
  }

  jumpToLive(): void {
    const { engine, video, edge } = this.#options;
    const position = engine.livePosition();
    const buffered = viewBuffer(video.buffered, video.currentTime);
    if (position !== null) video.currentTime = position;
    else if (buffered.edge !== null) this.#seekBehindEdge(buffered.edge, edge.targetMs);
    this.#play();
  }

  /** Sound may not start by itself; a muted picture may. */
  #play(): void {
    const { video } = this.#options;
    video.play().catch((error: unknown) => {
      if (!(error instanceof DOMException) || error.name !== "NotAllowedError" || video.muted) return;
      video.muted = true;
      video.play().catch(() => {});
    });
  }

  #tick(nowMs: number): void {
    const { video, engine } = this.#options;
    const buffer = viewBuffer(video.buffered, video.currentTime);
    if (buffer.edge !== null) this.#clock.observe(nowMs, buffer.edge * 1000);
    // An ended element is paused too, but play() would begin again at the start of what it has.
    if (video.paused && !video.ended && video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA) this.#play();
    const verdict = this.#watchdog.step({ nowMs, currentTime: video.currentTime, ...buffer });
    if (verdict.kind === "give-up") {
      this.#finish({ kind: "network", message: verdict.reason });
      return;
    }
    if (verdict.kind === "seek" && engine.isSteered) video.currentTime = verdict.to;
    else if (engine.isSteered) this.#steer(nowMs, buffer.edge, verdict.kind === "starved");
    this.#tellState(verdict.kind === "starved");
    if (this.#ticks++ % TICKS_PER_REPORT === 0) this.#report(nowMs, buffer.aheadMs);
  }

  #steer(nowMs: number, edge: number | null, isStarved: boolean): void {
    const { video, edge: liveEdge } = this.#options;
    if (edge === null || video.readyState < HTMLMediaElement.HAVE_METADATA || video.seeking) return;
    const aheadMs = Math.max(0, edge - video.currentTime) * 1000;
    const isStalled = isStarved || (this.#hasPlayed && video.readyState < HTMLMediaElement.HAVE_FUTURE_DATA);
    const { rate, seekBehindEdgeMs } = liveEdge.step({ nowMs, aheadMs, isStalled });
    if (seekBehindEdgeMs !== null) this.#seekBehindEdge(edge, seekBehindEdgeMs);
    if (video.playbackRate !== rate) video.playbackRate = rate;
  }

  /** Never to before what is buffered last: a seek into nothing would hang. */
  #seekBehindEdge(edge: number, behindMs: number): void {
    const { video } = this.#options;
    const lastStart = video.buffered.start(video.buffered.length - 1);
    video.currentTime = Math.max(lastStart + 0.01, edge - behindMs / 1000);
  }

  #tellState(isStarved: boolean): void {
    const { video, onState } = this.#options;
    const isRunning = !video.paused && video.readyState >= HTMLMediaElement.HAVE_FUTURE_DATA;
    if (isRunning && video.currentTime > 0) this.#hasPlayed = true;
    if (!this.#hasPlayed) return;
    this.#isStarved = isStarved || (this.#isStarved && !isRunning);
    onState(this.#isStarved ? "stalled" : "playing");
  }

  #report(nowMs: number, bufferMs: number): void {
    const { video, engine, edge, frames, onStats } = this.#options;
    const quality = video.getVideoPlaybackQuality();
    frames.read(nowMs, quality.totalVideoFrames, quality.droppedVideoFrames);
    const own = engine.stats();
    onStats({
      latencyMs: own.latencyMs ?? (engine.isSteered ? this.#clock.behindMs(nowMs, video.currentTime * 1000) : null),
      targetMs: engine.isSteered ? edge.targetMs : own.targetMs,
      bufferMs,
      bitrateBps: own.bitrateBps,
      decodedFps: frames.fps,
      decodedFrames: frames.decoded,
      droppedFrames: frames.dropped,
      playbackRate: video.playbackRate,
      currentTime: video.currentTime,
      width: video.videoWidth,
      height: video.videoHeight,
      level: own.level,
    });
  }
}
