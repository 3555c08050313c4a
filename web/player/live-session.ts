import { type Signal, signal } from "@preact/signals";
import { wait } from "../shell/wait.ts";
import type { Stream } from "../streams/stream.ts";
import { fetchStream } from "../streams/stream-api.ts";
import type { StreamName } from "../streams/stream-name.ts";
import { Backoff } from "./backoff.ts";
import { codecProblem, type PlayerKind } from "./codec-support.ts";
import { Connection } from "./connection.ts";
import type { EngineFactory } from "./engine.ts";
import { FrameCounter } from "./frame-counter.ts";
import { LiveEdge } from "./live-edge.ts";
import { isTypeSupported } from "./media-source.ts";
import { NO_STATS, type PlayerSituation, type PlayerState, type PlayerStats } from "./player-status.ts";

/** How often the server is asked for a stream that is not there (yet). */
const ASK_MS = 1000;
/** How often it is asked about the stream that plays: viewers, codecs. */
const REFRESH_MS = 3000;

export interface LiveSessionOptions {
  readonly stream: StreamName;
  readonly kind: PlayerKind;
  readonly video: HTMLVideoElement;
  /** Called for each connection, so a changed transport counts from the next one. */
  readonly createEngine: EngineFactory;
  /** Called before the picture goes away: a last chance to keep it on the screen. */
  readonly onDisconnect: () => void;
}

/** Plays one stream for as long as the page is open: waits for it, connects, and connects again. */
export class LiveSession {
  readonly situation: Signal<PlayerSituation> = signal({ state: "connecting", message: "", problem: null });
  readonly stats: Signal<PlayerStats> = signal(NO_STATS);
  readonly reconnects: Signal<number> = signal(0);
  /** What the server last said about the stream. */
  readonly stream: Signal<Stream | null> = signal(null);
  readonly #options: LiveSessionOptions;
  readonly #edge = new LiveEdge();
  readonly #frames = new FrameCounter();
  #run: AbortController | null = null;
  #connection: Connection | null = null;

  constructor(options: LiveSessionOptions) {
    this.#options = options;
  }

  /** Begins, or begins again with a fresh connection. */
  start(): void {
    this.#stop();
    const run = new AbortController();
    this.#run = run;
    void this.#loop(run.signal);
  }

  /** Disconnects: live media that nobody watches is not worth its bytes. `start` goes on at the live edge. */
  pause(): void {
    this.#stop();
    this.#enter("paused");
  }

  jumpToLive(): void {
    this.#connection?.jumpToLive();
  }

  #stop(): void {
    this.#run?.abort();
    this.#run = null;
  }

  async #loop(signal: AbortSignal): Promise<void> {
    const backoff = new Backoff();
    for (let isFirst = true; !signal.aborted; isFirst = false) {
      if (!(await this.#untilPlayable(signal))) return;
      if (!isFirst) this.reconnects.value++;
      const beganMs = performance.now();
      const unsupported = await this.#connect(signal);
      if (signal.aborted) return;
      await wait(unsupported ? REFRESH_MS : backoff.next(performance.now() - beganMs), signal);
    }
  }

  /** Waits until the stream is live and of a kind that can be played. False when aborted. */
  async #untilPlayable(signal: AbortSignal): Promise<boolean> {
    for (; !signal.aborted; await wait(ASK_MS, signal)) {
      const stream = await this.#ask(signal);
      if (signal.aborted) return false;
      if (stream === undefined) {
        this.stream.value = null;
        this.#enter("away");
      } else if (stream === null || stream.state === "waiting") this.#enter("waiting");
      else if (this.#isPlayable(stream)) return true;
    }
    return false;
  }

  #isPlayable(stream: Stream): boolean {
    const problem = codecProblem(stream, this.#options.kind, isTypeSupported);
    if (problem?.isFatal) this.situation.value = { state: "unsupported", message: "", problem };
    return !problem?.isFatal;
  }

  /** One connection from start to end. True when the browser cannot play what came. */
  async #connect(signal: AbortSignal): Promise<boolean> {
    this.#enter("connecting");
    this.#edge.restart();
    const { kind, video, createEngine } = this.#options;
    const connection = new Connection({
      engine: createEngine(),
      video,
      edge: this.#edge,
      frames: this.#frames,
      starvedMs: kind === "hls" ? 40_000 : 20_000,
      onState: (state) => this.#enter(state),
      onStats: (stats) => (this.stats.value = stats),
    });
    this.#connection = connection;
    const refresh = setInterval(() => void this.#ask(signal), REFRESH_MS);
    const end = await connection.run(signal);
    clearInterval(refresh);
    this.#options.onDisconnect();
    connection.close();
    this.#connection = null;
    this.stats.value = { ...this.stats.value, latencyMs: null, bufferMs: 0, bitrateBps: null, decodedFps: null, playbackRate: 1 };
    if (signal.aborted) return false;
    this.#enter(end.kind === "unsupported" ? "unsupported" : "reconnecting", end.message);
    return end.kind === "unsupported";
  }

  /** The stream, null when nobody publishes it, undefined when the server is away. */
  async #ask(signal: AbortSignal): Promise<Stream | null | undefined> {
    try {
      const stream = await fetchStream(this.#options.stream, signal);
      if (!signal.aborted) this.stream.value = stream;
      return stream;
    } catch {
      return undefined;
    }
  }

  #enter(state: PlayerState, message = ""): void {
    const now = this.situation.value;
    if (now.state !== state || now.message !== message) this.situation.value = { state, message, problem: null };
  }
}
