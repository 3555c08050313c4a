import { connect, type Socket } from "node:net";
import type { LoadClock } from "./load-clock.ts";
import type { LoadTarget } from "./load-target.ts";
import type { MediaTally } from "./media-tally.ts";
import { createSession, type ViewerSession } from "./viewer-session.ts";

/** Why a viewer does not watch (any more). `local`: this machine had no socket for it. */
export type Failure = "local" | "connect" | "refused" | "closed-before-media" | "closed-later";
export const FAILURES: readonly Failure[] = ["local", "connect", "refused", "closed-before-media", "closed-later"];

/** Errors of `connect` that are ours and not the server's. */
const LOCAL_ERRORS = new Set(["EMFILE", "ENFILE", "EADDRNOTAVAIL", "EADDRINUSE", "ENOBUFS", "ENOMEM"]);
/** How long a viewer is read as bytes come before it is only drained: its first GOP is through then. */
const JOINING_MS = 400;
/** A stream without key frames (audio only) is not parsed for longer than this. */
const MAX_WAIT_FOR_KEY_MS = 5_000;
/** RTMP viewers acknowledge so often; servers announce windows of 2.5 MB and more. */
const ACKNOWLEDGE_EVERY_BYTES = 1_000_000;

export interface ViewerOptions {
  readonly target: LoadTarget;
  readonly address: string;
  readonly localAddress: string | undefined;
  readonly clock: LoadClock;
  /** What all viewers of a thread read into. */
  readonly buffer: Uint8Array;
  readonly tally: MediaTally;
  /** Parsed to the end; others only up to their first key frame. */
  readonly isSampled: boolean;
  readonly windowStartMs: number;
  readonly stallMs: number;
  /** Time between two reads with bytes, of sampled viewers. */
  onArrival(intervalMs: number): void;
  /** An unsampled viewer has settled: it may be drained instead of read. */
  onSettled(viewer: Viewer): void;
}

/** One viewer: its socket, and what it saw. Times are wall clock ms, 0 while it has not happened. */
export class Viewer {
  readonly startedMs: number;
  connectedMs = 0;
  firstByteMs = 0;
  firstMediaMs = 0;
  lastMs = 0;
  bytes = 0;
  windowBytes = 0;
  /** Longest time without bytes in the window, and how often it was above the limit of a stall. */
  longestGapMs = 0;
  stalls = 0;
  failure: Failure | undefined;
  why = "";
  readonly #options: ViewerOptions;
  readonly #socket: Socket;
  #session: ViewerSession | undefined;
  #acknowledged = 0;
  #isSettled = false;

  constructor(options: ViewerOptions) {
    this.#options = options;
    this.startedMs = options.clock.nowMs;
    const { target, tally, clock, buffer, address, localAddress } = options;
    this.#session = createSession(target, tally, clock, {
      send: (bytes) => this.#socket.write(bytes),
      media: () => {
        this.firstMediaMs = clock.nowMs;
      },
      refused: (why) => this.fail("refused", why),
    });
    this.#socket = connect({
      host: address,
      port: target.port,
      noDelay: true,
      ...(localAddress === undefined ? {} : { localAddress }),
      onread: { buffer, callback: (length) => this.#read(length) },
    });
    this.#socket.once("connect", () => this.#connected());
    this.#socket.on("error", (error) => this.#failed(error));
    this.#socket.once("close", () => this.#closed());
  }

  get socket(): Socket {
    return this.#socket;
  }

  get tally(): MediaTally {
    return this.#options.tally;
  }

  /** When the first key frame was complete. */
  get firstKeyMs(): number {
    return this.tally.firstKeyMs;
  }

  get isWatching(): boolean {
    return this.failure === undefined && this.firstMediaMs > 0;
  }

  /** Counts bytes that arrived. */
  count(length: number): void {
    const { clock, windowStartMs, stallMs } = this.#options;
    const { nowMs } = clock;
    this.bytes += length;
    if (clock.inWindow) {
      this.windowBytes += length;
      if (this.firstMediaMs > 0) this.#countGap(nowMs - Math.max(this.lastMs, windowStartMs), stallMs);
    }
    this.lastMs = nowMs;
    if (this.#options.target.protocol === "rtmp" && this.firstMediaMs > 0) this.#acknowledge();
  }

  /** The window is over: what came last may be long ago. */
  endWindow(windowEndMs: number): void {
    const { windowStartMs, stallMs } = this.#options;
    if (this.isWatching) this.#countGap(windowEndMs - Math.max(this.lastMs, windowStartMs), stallMs);
  }

  /** Ends the viewer for a reason; without effect when it has ended. */
  fail(failure: Failure, why: string): void {
    if (this.failure !== undefined) return;
    this.failure = failure;
    this.why = why;
    this.#session = undefined;
    this.#socket.destroy();
  }

  /** Leaves without a trace: a reset leaves no TIME_WAIT, of which there would be thousands. */
  leave(): void {
    this.#session = undefined;
    this.#socket.removeAllListeners("close").resetAndDestroy();
  }

  #connected(): void {
    this.connectedMs = wallNow(this.#options.clock);
    this.lastMs = this.connectedMs;
    this.#session?.open();
  }

  #read(length: number): boolean {
    const { clock, buffer, isSampled, onArrival } = this.#options;
    const nowMs = wallNow(clock);
    if (isSampled && clock.inWindow && this.lastMs > 0) onArrival(nowMs - this.lastMs);
    if (this.firstByteMs === 0) this.firstByteMs = nowMs;
    this.#session?.push(buffer.subarray(0, length));
    this.count(length);
    if (!isSampled) this.#settle(nowMs);
    return true;
  }

  /** Stops parsing behind the first key frame, and reading as bytes come a moment later. */
  #settle(nowMs: number): void {
    if (this.firstMediaMs === 0) return;
    const watchedMs = nowMs - this.firstMediaMs;
    if (this.firstKeyMs > 0 || watchedMs > MAX_WAIT_FOR_KEY_MS) this.#session = undefined;
    if (this.#session || watchedMs < JOINING_MS || this.#isSettled) return;
    this.#isSettled = true;
    this.#options.onSettled(this);
  }

  #countGap(gapMs: number, stallMs: number): void {
    if (gapMs > this.longestGapMs) this.longestGapMs = gapMs;
    if (gapMs > stallMs) this.stalls++;
  }

  /** Acknowledgement, RTMP 1.0 §5.4.3, for viewers whose session is gone too. */
  #acknowledge(): void {
    if (this.bytes - this.#acknowledged < ACKNOWLEDGE_EVERY_BYTES) return;
    this.#acknowledged = this.bytes;
    const message = Uint8Array.of(2, 0, 0, 0, 0, 0, 4, 3, 0, 0, 0, 0, 0, 0, 0, 0);
    new DataView(message.buffer).setUint32(12, this.bytes >>> 0);
    this.#socket.write(message);
  }

  #failed(error: Error): void {
    const code = "code" in error ? String(error.code) : "";
    if (this.connectedMs === 0) this.fail(LOCAL_ERRORS.has(code) ? "local" : "connect", error.message);
    else this.why ||= error.message;
  }

  #closed(): void {
    if (this.connectedMs === 0) this.fail("connect", "closed");
    else this.fail(this.firstMediaMs > 0 ? "closed-later" : "closed-before-media", this.why || "closed by the server");
  }
}

/** Takes the time and keeps it for all that look at the same bytes. */
function wallNow(clock: LoadClock): number {
  clock.nowMs = performance.timeOrigin + performance.now();
  return clock.nowMs;
}
