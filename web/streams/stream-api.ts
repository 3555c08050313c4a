import type { Stream, StreamList } from "./stream.ts";
import type { StreamName } from "./stream-name.ts";

/** An answer that takes longer is as good as none. */
const ANSWER_TIMEOUT_MS = 5000;

/** The server cannot be reached, or answers with something that is not its API. */
class ServerAway extends Error {
  constructor(cause: unknown) {
    super("the server does not answer", { cause });
    this.name = "ServerAway";
  }
}

/** All streams. Throws ServerAway. */
export async function fetchStreams(signal?: AbortSignal): Promise<StreamList> {
  return (await ask("/api/streams", signal)) as StreamList;
}

/** One stream, or null when nobody publishes it. Throws ServerAway. */
export async function fetchStream({ app, name }: StreamName, signal?: AbortSignal): Promise<Stream | null> {
  return (await ask(`/api/streams/${app}/${name}`, signal)) as Stream | null;
}

async function ask(path: string, signal: AbortSignal | undefined): Promise<unknown> {
  const timeout = AbortSignal.timeout(ANSWER_TIMEOUT_MS);
  try {
    const response = await fetch(path, { cache: "no-store", signal: signal ? AbortSignal.any([signal, timeout]) : timeout });
    if (response.status === 404) return null;
    if (!response.ok) throw new Error(`HTTP ${response.status}`);
    return await response.json();
  } catch (error) {
    throw new ServerAway(error);
  }
}
