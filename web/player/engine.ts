/** What an engine measures itself; null where it cannot know. */
export interface EngineStats {
  readonly bitrateBps: number | null;
  /** How far behind live, when the protocol says so itself. */
  readonly latencyMs: number | null;
  readonly targetMs: number | null;
  /** HLS: the playlist entry that plays, as `720p`; null for others. */
  readonly level: string | null;
}

export type EngineEnd =
  | { readonly kind: "ended" | "network" | "media"; readonly message: string }
  /** The browser cannot play what came; trying again is no use until the stream changes. */
  | { readonly kind: "unsupported"; readonly message: string };

/** Brings one connection's media into a video element. Made for each connection anew. */
export interface Engine {
  /** True where `LiveEdge` steers speed and jumps; false where the engine does so itself. */
  readonly isSteered: boolean;
  /** Connects. `onEnd` is called at most once, never after `destroy`. */
  start(video: HTMLVideoElement, onEnd: (end: EngineEnd) => void): void;
  stats(): EngineStats;
  /** The position to jump to for "live", in seconds; null when it has no opinion. */
  livePosition(): number | null;
  /** Disconnects and lets the video element go. May be called twice. */
  destroy(): void;
}

/** Makes the engine for a URL. */
export type EngineFactory = () => Engine;
