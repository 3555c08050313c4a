/** Calls `tick` every `intervalMs` ms, also while the page is hidden. Returns what ends it. */
export function startTicker(intervalMs: number, tick: () => void): () => void {
  const worker = new Worker(new URL("./ticker-worker.ts", import.meta.url), { type: "module" });
  worker.onmessage = tick;
  worker.postMessage(intervalMs);
  return () => worker.terminate();
}
