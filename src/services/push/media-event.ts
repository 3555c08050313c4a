import type { Frame, MediaSink } from "../../media/frame.ts";
import type { Track } from "../../media/track.ts";

/** What a MediaSink is told, as a value. Frames own their payload, or it is a view of bytes that stay. */
export type MediaEvent =
  | { readonly kind: "track"; readonly track: Track }
  | { readonly kind: "track-end"; readonly trackId: number }
  | { readonly kind: "metadata"; readonly amf0: Uint8Array }
  | { readonly kind: "frame"; readonly frame: Frame };

/** The events of a media file, in the order in which a publisher would send them: by decoding time. */
export type MediaEvents = AsyncGenerator<MediaEvent, void, undefined>;

/** A sink that keeps what it is told until it is taken. */
export class MediaEventQueue implements MediaSink {
  #events: MediaEvent[] = [];

  take(): readonly MediaEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  track(track: Track): void {
    this.#events.push({ kind: "track", track });
  }

  trackEnd(trackId: number): void {
    this.#events.push({ kind: "track-end", trackId });
  }

  metadata(amf0: Uint8Array): void {
    this.#events.push({ kind: "metadata", amf0 });
  }

  frame(frame: Frame): void {
    this.#events.push({ kind: "frame", frame });
  }
}
