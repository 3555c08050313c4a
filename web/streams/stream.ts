/** What `GET /api/streams` says. */
export interface StreamList {
  /** `rtmpPort`: where RTMP is taken and given; null when it is off. Not said by older servers. */
  readonly server: { readonly version: string; readonly startedAt: number; readonly rtmpPort?: number | null };
  readonly streams: readonly Stream[];
}

export interface Stream {
  readonly app: string;
  readonly name: string;
  /** `waiting`: the publisher has gone, its viewers are kept for a while. */
  readonly state: "live" | "waiting";
  /** ms since 1970. */
  readonly startedAt: number;
  readonly publisher: { readonly protocol: string; readonly since: number } | null;
  readonly tracks: readonly StreamTrack[];
  readonly bitrateBps: number;
  readonly fps: number;
  readonly gopMs: number;
  /** `total` and one count per protocol. */
  readonly viewers: { readonly total: number; readonly [protocol: string]: number };
}

export interface StreamTrack {
  readonly kind: "video" | "audio" | "data";
  readonly codec: string;
  /** RFC 6381, as Media Source Extensions want it; may be empty when not known yet. */
  readonly codecString: string;
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  readonly sampleRate: number;
  readonly channels: number;
}

export function firstOf(stream: Stream, kind: StreamTrack["kind"]): StreamTrack | undefined {
  return stream.tracks.find((track) => track.kind === kind);
}
