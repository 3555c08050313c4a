import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { descriptorOf, readAvailable } from "../src/services/load/drain.ts";
import { Histogram, type Quantiles } from "../src/services/load/histogram.ts";
import type { LoadClock } from "../src/services/load/load-clock.ts";
import { type LoadTarget, parseLoadTarget } from "../src/services/load/load-target.ts";
import { type MediaKind, MediaTally } from "../src/services/load/media-tally.ts";
import { createSession, type ViewerSession } from "../src/services/load/viewer-session.ts";
import { loadSetReceiveBuffer, openRemotePorts } from "./kernel.ts";

const TICK_MS = 20;
/** Each viewer reads this often: what half a megabit brings fits a receive buffer of 64 kB by far. */
const READ_EVERY_MS = 250;
const MAX_READ_BYTES = 262_144;
const CONNECTS_PER_SECOND = 200;
/** Those that will stop watch this long before. */
const WATCH_BEFORE_STOP_MS = 2_000;
const CHECK_CLOSED_EVERY_MS = 1_000;

export interface SlowViewerOptions {
  readonly url: string;
  readonly slow: number;
  /** Bits per second that each slow one reads. */
  readonly slowBps: number;
  readonly stopped: number;
  /** SO_RCVBUF in bytes, which Linux doubles; 0 leaves it to the kernel. */
  readonly receiveBufferBytes: number;
}

export interface SlowViewerReport {
  readonly slow: {
    readonly opened: number;
    readonly stillWatching: number;
    readonly firstFailure: string;
    /** From the publisher's stamp to the whole frame in the viewer's hands, in ms. */
    readonly latencyMs: Quantiles;
    readonly kbps: number;
    /** Gaps in the numbers of the frames, and how many of them did not go on with a key frame. */
    readonly skipsSeen: number;
    readonly skipsWithoutKey: number;
    readonly viewersThatSkipped: number;
    readonly framingErrors: number;
    readonly backwards: number;
  };
  readonly stopped: {
    readonly opened: number;
    readonly closed: number;
    /** From the last read to the moment the server let go of the connection, as exact as 1 s. */
    readonly closedAfterMs: Quantiles;
  };
  readonly hasReceiveBuffer: boolean;
}

/** Looks at each gap in the stream: what comes behind it can be decoded only when it is a key frame. */
class SlowTally extends MediaTally {
  skips = 0;
  skipsWithoutKey = 0;

  override frame(kind: MediaKind, timestamp: number, isKey: boolean, start: Uint8Array, atMs?: number): void {
    const lost = this.lostFrames;
    super.frame(kind, timestamp, isKey, start, atMs);
    if (this.lostFrames === lost) return;
    this.skips++;
    if (!isKey) this.skipsWithoutKey++;
  }
}

/** A connection that is read by its descriptor alone, no faster than it is told to. */
class SlowViewer {
  readonly tally: SlowTally;
  readonly willStop: boolean;
  stoppedMs = 0;
  closedMs = 0;
  bytes = 0;
  failure = "";
  readonly #socket: Socket;
  readonly #session: ViewerSession;
  #descriptor = -1;
  #localPort = 0;
  #lastReadMs = 0;
  #connectedMs = 0;

  constructor(target: LoadTarget, tally: SlowTally, clock: LoadClock, willStop: boolean) {
    this.tally = tally;
    this.willStop = willStop;
    this.#session = createSession(target, tally, clock, {
      send: (bytes) => this.#socket.write(bytes),
      media() {},
      refused: (why) => this.#end(clock.nowMs, why),
    });
    this.#socket = connect({ host: target.host, port: target.port, noDelay: true });
    this.#socket.pause(); // before it is connected: it never begins to read by events
    this.#socket.on("error", (error) => this.#end(clock.nowMs, error.message));
  }

  get localPort(): number {
    return this.#localPort;
  }

  get isOpen(): boolean {
    return this.#descriptor >= 0;
  }

  /** Resolves when it has asked for the stream, or failed. True when `setBuffer` did what it should. */
  async opened(clock: LoadClock, setBuffer: (descriptor: number) => boolean): Promise<boolean> {
    try {
      await once(this.#socket, "connect");
    } catch {
      return false; // the error is kept already
    }
    this.#descriptor = descriptorOf(this.#socket);
    this.#localPort = this.#socket.localPort ?? 0;
    this.#connectedMs = this.#lastReadMs = clock.nowMs;
    const isSet = setBuffer(this.#descriptor);
    this.#session.open();
    return isSet;
  }

  /** Reads what its speed has made of the time since the last read; `bytesPerMs` is Infinity for as much as there is. */
  read(buffer: Uint8Array, nowMs: number, bytesPerMs: number): void {
    const elapsedMs = nowMs - this.#lastReadMs;
    if (!this.isOpen || this.stoppedMs > 0 || elapsedMs < READ_EVERY_MS) return;
    if (this.willStop && nowMs - this.#connectedMs > WATCH_BEFORE_STOP_MS) {
      this.stoppedMs = nowMs;
      return;
    }
    this.#lastReadMs = nowMs;
    const wanted = Math.min(buffer.length, Math.floor(bytesPerMs * Math.min(elapsedMs, 2 * READ_EVERY_MS)));
    if (wanted === 0) return;
    const length = readAvailable(this.#descriptor, buffer.subarray(0, wanted));
    if (length < 0) this.#end(nowMs, "closed by the server");
    if (length <= 0) return;
    this.bytes += length;
    this.#session.push(buffer.subarray(0, length));
  }

  /** The server has let go of it. */
  closedByServer(nowMs: number): void {
    this.#end(nowMs, "closed by the server");
  }

  leave(): void {
    this.#descriptor = -1;
    this.#socket.resetAndDestroy();
  }

  #end(nowMs: number, why: string): void {
    if (this.closedMs > 0) return;
    this.closedMs = nowMs;
    this.failure = why;
    this.leave();
  }
}

/** Viewers that a server must not suffer from: some read at a fixed pace, some not at all. */
export class SlowViewers implements Disposable {
  readonly #options: SlowViewerOptions;
  readonly #target: LoadTarget;
  readonly #clock: LoadClock = { nowMs: wallNow(), inWindow: true };
  readonly #latencyUs = new Histogram();
  readonly #viewers: SlowViewer[] = [];
  readonly #buffer = new Uint8Array(MAX_READ_BYTES);
  readonly #timer: ReturnType<typeof setInterval>;
  #hasReceiveBuffer = true;
  #openedMs = 0;
  #checkedMs = 0;

  constructor(options: SlowViewerOptions) {
    this.#options = options;
    this.#target = parseLoadTarget(options.url);
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
  }

  /** Resolves when all have asked for the stream, evenly over time, and those that stop have stopped. */
  async open(): Promise<void> {
    const { slow, stopped, receiveBufferBytes } = this.#options;
    const set = receiveBufferBytes > 0 ? loadSetReceiveBuffer() : undefined;
    const opening: Promise<boolean>[] = [];
    this.#openedMs = wallNow();
    for (let i = 0; i < slow + stopped; i++) {
      const willStop = i >= slow;
      const tally = new SlowTally(this.#clock, willStop ? new Histogram() : this.#latencyUs);
      const viewer = new SlowViewer(this.#target, tally, this.#clock, willStop);
      this.#viewers.push(viewer);
      opening.push(viewer.opened(this.#clock, (descriptor) => set?.(descriptor, receiveBufferBytes) ?? false));
      const aheadMs = ((i + 1) / CONNECTS_PER_SECOND) * 1000 - (wallNow() - this.#openedMs);
      if (aheadMs > TICK_MS) await sleep(aheadMs);
    }
    this.#hasReceiveBuffer = (await Promise.all(opening)).every((isSet) => isSet);
    await sleep(stopped > 0 ? WATCH_BEFORE_STOP_MS + READ_EVERY_MS + TICK_MS : 0);
  }

  report(): SlowViewerReport {
    const slow = this.#viewers.filter((viewer) => !viewer.willStop);
    const stopped = this.#viewers.filter((viewer) => viewer.stoppedMs > 0);
    const sum = (pick: (viewer: SlowViewer) => number) => slow.reduce((total, viewer) => total + pick(viewer), 0);
    const closedAfterMs = new Histogram();
    for (const { closedMs, stoppedMs } of stopped) if (closedMs > 0) closedAfterMs.record(closedMs - stoppedMs);
    return {
      slow: {
        opened: slow.length,
        stillWatching: slow.filter((viewer) => viewer.isOpen).length,
        firstFailure: slow.find((viewer) => viewer.failure)?.failure ?? "",
        latencyMs: this.#latencyUs.quantiles(1000),
        kbps: (sum((viewer) => viewer.bytes) * 8) / Math.max(1, slow.length) / (wallNow() - this.#openedMs),
        skipsSeen: sum(({ tally }) => tally.skips),
        skipsWithoutKey: sum(({ tally }) => tally.skipsWithoutKey),
        viewersThatSkipped: slow.filter(({ tally }) => tally.skips > 0).length,
        framingErrors: sum(({ tally }) => tally.framingErrors),
        backwards: sum(({ tally }) => tally.backwards),
      },
      stopped: { opened: stopped.length, closed: closedAfterMs.count, closedAfterMs: closedAfterMs.quantiles() },
      hasReceiveBuffer: this.#hasReceiveBuffer,
    };
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    for (const viewer of this.#viewers) viewer.leave();
  }

  #tick(): void {
    this.#clock.nowMs = wallNow();
    const { nowMs } = this.#clock;
    const bytesPerMs = this.#options.slowBps / 8000;
    for (const viewer of this.#viewers) viewer.read(this.#buffer, nowMs, viewer.willStop ? Number.POSITIVE_INFINITY : bytesPerMs);
    if (nowMs - this.#checkedMs >= CHECK_CLOSED_EVERY_MS) this.#checkClosed(nowMs);
  }

  /** Who does not read is not told that the server has closed: the kernel's table says so. */
  #checkClosed(nowMs: number): void {
    this.#checkedMs = nowMs;
    const waiting = this.#viewers.filter((viewer) => viewer.stoppedMs > 0 && viewer.isOpen);
    if (waiting.length === 0) return;
    const open = openRemotePorts(this.#target.port);
    for (const viewer of waiting) if (!open.has(viewer.localPort)) viewer.closedByServer(nowMs);
  }
}

function wallNow(): number {
  return performance.timeOrigin + performance.now();
}
