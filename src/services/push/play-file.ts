import type { Frame, MediaSink } from "../../media/frame.ts";
import { rescale } from "../../media/timescale.ts";
import type { MediaEvent } from "./media-event.ts";
import { readMediaFile } from "./media-file.ts";
import { MediaFileError } from "./media-file-error.ts";
import { MediaSpan } from "./media-span.ts";
import { Pacer } from "./pacer.ts";
import { RepeatFilter } from "./repeat-filter.ts";

export interface PlayFileOptions {
  /** Begin again at the end, without end; timestamps go on. */
  readonly loop?: boolean;
  /** 1 is its own pace, 2 twice as fast, 0 as fast as the sink takes it. */
  readonly speed?: number;
  /** Ends it: `playFile` returns. */
  readonly signal: AbortSignal;
  /**
   * Called after each frame; a promise makes the next frame wait. The number that it gives is for how many ms the media clock stands
   * still meanwhile; with 0 the frames that are due by then go out at once.
   */
  readonly ready?: () => Promise<number> | undefined;
  /** Called with every frame that was given out. */
  readonly onFrame?: (progress: PlayProgress) => void;
}

export interface PlayProgress {
  /** Media time since the start, over all loops. */
  readonly timeMs: number;
  /** How late the frame went out; below a few ms all is well. */
  readonly latenessMs: number;
  readonly isVideo: boolean;
}

/**
 * Plays an FLV, MP4 or TS file into a sink at its own pace, as a live publisher would. Times begin at 0 and grow over all loops; all
 * tracks are moved alike. Tracks and metadata that a loop only repeats are not told again. Returns when the file has ended and its
 * last frame has had its time. Rejects with a MediaError when the file cannot be read.
 */
export async function playFile(path: string, options: PlayFileOptions, sink: MediaSink): Promise<void> {
  const { signal, loop = false, speed = 1 } = options;
  const player = new Player(options, new RepeatFilter(sink), new Pacer(speed, signal));
  let startMs = 0;
  do {
    const span = new MediaSpan(startMs);
    for await (const event of readMediaFile(path)) {
      if (signal.aborted) return;
      await player.play(event, span);
    }
    if (span.endMs === startMs) throw new MediaFileError(`${path}: holds no frame that can be played`);
    startMs = span.endMs;
    await player.pacer.until(startMs);
  } while (loop && !signal.aborted);
}

class Player {
  readonly pacer: Pacer;
  readonly #options: PlayFileOptions;
  readonly #sink: MediaSink;

  constructor(options: PlayFileOptions, sink: MediaSink, pacer: Pacer) {
    this.#options = options;
    this.#sink = sink;
    this.pacer = pacer;
  }

  async play(event: MediaEvent, span: MediaSpan): Promise<void> {
    if (event.kind === "frame") await this.#playFrame(span.place(event.frame));
    else if (event.kind === "track") this.#sink.track(event.track);
    else if (event.kind === "track-end") this.#sink.trackEnd(event.trackId);
    else this.#sink.metadata(event.amf0);
  }

  async #playFrame(frame: Frame): Promise<void> {
    const { signal, onFrame, ready } = this.#options;
    const timeMs = rescale(frame.dts, frame.track.timescale, 1000);
    const latenessMs = await this.pacer.until(timeMs);
    if (signal.aborted) return;
    this.#sink.frame(frame);
    onFrame?.({ timeMs, latenessMs, isVideo: frame.track.kind === "video" });
    const wait = ready?.();
    if (wait) this.pacer.pause(await wait);
  }
}
