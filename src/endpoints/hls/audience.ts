import type { Stream } from "../../hub/stream.ts";

/** A player that has asked for nothing for so long has left: more than the pause between two playlist reloads. */
const GONE_MS = 15_000;
/** Players counted of one stream on one thread; more are counted as this many. */
const MAX_PLAYERS = 50_000;

/** Counts the players of an HLS stream, who have no connection of their own: by address and player. */
export class HlsAudience {
  readonly #stream: Stream;
  readonly #lastSeen = new Map<string, number>();

  constructor(stream: Stream) {
    this.#stream = stream;
  }

  seen(address: string, userAgent: string, nowMs: number): void {
    const player = `${address} ${userAgent.slice(0, 200)}`;
    if (!this.#lastSeen.has(player)) {
      if (this.#lastSeen.size >= MAX_PLAYERS) return;
      this.#stream.count("hls", 1);
    }
    this.#lastSeen.set(player, nowMs);
  }

  sweep(nowMs: number): void {
    for (const [player, seenMs] of this.#lastSeen) {
      if (nowMs - seenMs < GONE_MS) continue;
      this.#lastSeen.delete(player);
      this.#stream.count("hls", -1);
    }
  }

  close(): void {
    this.sweep(Number.POSITIVE_INFINITY);
  }
}
