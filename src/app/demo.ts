import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "../base/logger.ts";
import { describeError } from "../base/media-error.ts";
import { wallClockMs } from "../endpoints/wall-clock.ts";
import type { Hub } from "../hub/hub.ts";
import type { MediaSink } from "../media/frame.ts";
import { playFile } from "../services/push/play-file.ts";

const DEMO_FILE = new URL("../../assets/demo.flv", import.meta.url).pathname;
const RETRY_MS = 5_000;

/** Publishes the sample in assets/ as `live/demo`, over and over, like any publisher. Ends when `signal` aborts. */
export async function publishDemo(hub: Hub, logger: Logger, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      const request = { app: "live", name: "demo", query: "", protocol: "demo", remoteAddress: "" };
      const publication = await hub.publish(request, signal);
      const stop = AbortSignal.any([signal, publication.revoked]);
      await playFile(DEMO_FILE, { loop: true, signal: stop }, stamped(publication.sink)).finally(() =>
        publication.end("demo stopped"),
      );
    } catch (error) {
      if (signal.aborted) return;
      logger.debug({ stream: "live/demo", reason: describeError(error) }, "the demo waits");
    }
    await sleep(RETRY_MS, undefined, { signal }).catch(() => {});
  }
}

/** A file's frames say no time of arrival: here they arrive now. */
function stamped(sink: MediaSink): MediaSink {
  return {
    track: (track) => sink.track(track),
    trackEnd: (id) => sink.trackEnd(id),
    metadata: (amf0) => sink.metadata(amf0),
    frame: (frame) => sink.frame({ ...frame, arrivalMs: wallClockMs() }),
  };
}
