import { type Signal, signal } from "@preact/signals";
import { Backoff } from "../player/backoff.ts";
import { wait } from "../shell/wait.ts";
import { fetchStream } from "../streams/stream-api.ts";
import { streamUrls } from "../streams/stream-urls.ts";
import { Encoders } from "./encoders.ts";
import { PushConnection, type Sent } from "./push-connection.ts";
import { AUDIO_BPS, type PushSettings } from "./push-settings.ts";
import { PushSocket } from "./push-socket.ts";
import { NO_PUSH_STATS, type PushSituation, type PushState, type PushStats } from "./push-status.ts";
import { refusalOf } from "./refusal.ts";
import { SendGate } from "./send-gate.ts";
import type { CaptureSource } from "./sources/capture-source.ts";
import { DeviceSource } from "./sources/device-source.ts";
import { TestSource } from "./sources/test-source.ts";

const REPORT_MS = 500;
const READY_POLL_MS = 50;

/** Publishes from `start` to `stop`: source, encoders, and one connection after the other. */
export class PushSession {
  readonly situation: Signal<PushSituation> = signal({ state: "idle", message: "" });
  readonly stats: Signal<PushStats> = signal(NO_PUSH_STATS);
  readonly reconnects: Signal<number> = signal(0);
  /** Shown in the page while it runs. */
  readonly source: Signal<CaptureSource | null> = signal(null);
  /** Why a stream that should have sound has none. */
  readonly silence: Signal<string> = signal("");
  #run: AbortController | null = null;
  #encoders: Encoders | null = null;
  #connection: PushConnection | null = null;
  #sent: Sent = { bytes: 0, frames: 0, dropped: 0 };
  #liveSince = 0;

  get isRunning(): boolean {
    return this.#run !== null;
  }

  /** Runs until `stop`, a refusal or a failure; the situation says which. */
  async start(settings: PushSettings): Promise<void> {
    if (this.#run) return;
    const run = new AbortController();
    this.#run = run;
    this.#sent = { bytes: 0, frames: 0, dropped: 0 };
    this.stats.value = NO_PUSH_STATS;
    this.reconnects.value = 0;
    this.#enter("starting");
    const report = setInterval(() => this.#report(), REPORT_MS);
    try {
      await this.#open(settings, run);
      await this.#publish(settings, run.signal);
    } catch (error) {
      if (!run.signal.aborted) this.#enter("failed", describeFailure(error));
    }
    clearInterval(report);
    run.abort();
    this.#close();
    if (!["refused", "failed"].includes(this.situation.value.state)) this.#enter("idle");
  }

  stop(): void {
    this.#run?.abort();
  }

  async #open(settings: PushSettings, run: AbortController): Promise<void> {
    const source = settings.source === "test" ? new TestSource(settings) : await DeviceSource.open(settings);
    this.source.value = source;
    source.onEnded(() => run.abort());
    const fail = (error: Error) => {
      if (run.signal.aborted) return;
      this.#enter("failed", describeFailure(error));
      run.abort();
    };
    const encoders = await Encoders.start({
      source,
      settings,
      onError: fail,
      onTrack: (track) => this.#connection?.change(track),
      onFrame: (frame) => {
        this.#connection?.frame(frame);
        if (this.#connection?.takeKeyFrameWish()) this.#encoders?.video.requestKeyFrame();
      },
    });
    this.#encoders = encoders;
    this.silence.value = encoders.silence;
    while (!encoders.isReady && !run.signal.aborted) await wait(READY_POLL_MS, run.signal);
  }

  async #publish(settings: PushSettings, signal: AbortSignal): Promise<void> {
    const backoff = new Backoff();
    for (let isFirst = true; !signal.aborted; isFirst = false) {
      if (!isFirst) this.reconnects.value++;
      this.#enter("connecting");
      const beganMs = performance.now();
      const problem = await this.#connect(settings, signal, isFirst);
      if (signal.aborted) return;
      if (problem !== null) {
        this.#enter("refused", problem);
        return;
      }
      this.#enter("reconnecting");
      await wait(backoff.next(performance.now() - beganMs), signal);
    }
  }

  /** One connection from start to end. A refusal in words, or null when another try makes sense. */
  async #connect(settings: PushSettings, signal: AbortSignal, isFirst: boolean): Promise<string | null> {
    const encoders = this.#encoders;
    if (!encoders) return null;
    const socket = new PushSocket(streamUrls(settings, location).wsPublish);
    const onAbort = () => socket.close();
    signal.addEventListener("abort", onAbort);
    if (await socket.opened) {
      const gate = new SendGate(settings.videoKbps * 1000 + AUDIO_BPS);
      this.#connection = new PushConnection({ socket, gate, tracks: [...encoders.tracks.values()], sent: this.#sent });
      encoders.video.requestKeyFrame();
      this.#liveSince = Date.now();
      this.#enter("live");
    }
    const closed = await socket.closed;
    signal.removeEventListener("abort", onAbort);
    this.#connection = null;
    this.#liveSince = 0;
    return closed.wasOpen || !isFirst ? refusalOf(closed) : (refusalOf(closed) ?? whyNotOpened(settings));
  }

  #report(): void {
    const encoders = this.#encoders;
    const before = this.stats.value;
    const choice = encoders?.video.choice;
    const audio = [...(encoders?.tracks.values() ?? [])].find((track) => track.kind === "audio");
    this.stats.value = {
      sentBps: smooth(before.sentBps, ((this.#sent.bytes - before.sentBytes) * 8000) / REPORT_MS),
      fps: smooth(before.fps, ((this.#sent.frames - before.sentFrames) * 1000) / REPORT_MS),
      sentFrames: this.#sent.frames,
      sentBytes: this.#sent.bytes,
      droppedFrames: this.#sent.dropped + (encoders?.video.skipped ?? 0),
      bufferedBytes: this.#connection?.bufferedBytes ?? 0,
      videoCodec: choice?.codec ?? "",
      audioCodec: audio?.codec ?? "",
      width: choice?.config.width ?? 0,
      height: choice?.config.height ?? 0,
      liveSince: this.#liveSince,
    };
  }

  #close(): void {
    this.#encoders?.close();
    this.source.value?.close();
    this.#encoders = null;
    this.#connection = null;
    this.#run = null;
    this.source.value = null;
    this.stats.value = { ...this.stats.value, sentBps: 0, fps: 0, bufferedBytes: 0, liveSince: 0 };
  }

  #enter(state: PushState, message = ""): void {
    this.situation.value = { state, message };
  }
}

/** A handshake that fails tells a page nothing; the stream list may know more. */
async function whyNotOpened(settings: PushSettings): Promise<string | null> {
  const stream = await fetchStream(settings).catch(() => undefined);
  return stream?.state === "live" ? "Somebody else is publishing under this name. Choose another one." : null;
}

function describeFailure(error: unknown): string {
  if (!(error instanceof DOMException)) return error instanceof Error ? error.message : String(error);
  if (error.name === "NotAllowedError") return "The browser was not allowed to use the camera, microphone or screen.";
  if (error.name === "NotFoundError") return "There is no such camera or microphone.";
  if (error.name === "NotReadableError") return "The camera or microphone is in use by another program.";
  return `${error.name}: ${error.message}`;
}

const smooth = (before: number, now: number): number => (before === 0 ? now : before * 0.5 + now * 0.5);
