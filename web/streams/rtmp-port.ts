import { type Signal, signal } from "@preact/signals";
import { fetchStreams } from "./stream-api.ts";
import { DEFAULT_RTMP_PORT } from "./stream-urls.ts";

/** The server's RTMP port; the default until it has said another. Null when it has no RTMP. */
export const rtmpPort: Signal<number | null> = signal(DEFAULT_RTMP_PORT);

let hasAsked = false;

/** Asks the server once for pages that do not poll the list anyway. */
export async function learnRtmpPort(): Promise<void> {
  if (hasAsked) return;
  hasAsked = true;
  try {
    const { server } = await fetchStreams();
    if (server.rtmpPort !== undefined) rtmpPort.value = server.rtmpPort;
  } catch {
    hasAsked = false; // the server is away; whoever shows an address next asks again
  }
}
