import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { expect, test } from "vitest";
import { FrameLogReader, LogEntry } from "../../src/hub/frame-log-reader.ts";
import { emptyLog } from "../../src/hub/frame-log-writer.ts";

const RUN_MS = 1500;

test("a reader on another thread never takes a torn frame for a whole one, however fast the writer overtakes it", async () => {
  const log = emptyLog();
  const stop = new SharedArrayBuffer(4);
  const worker = new Worker(new URL("./log-writer.ts", import.meta.url), { workerData: { log, stop } });
  const reader = new FrameLogReader(log);
  const entry = new LogEntry();
  let whole = 0;
  let overtaken = 0;
  let torn = 0;
  const endMs = performance.now() + RUN_MS + 1000;
  while (performance.now() < endMs && (whole < 100_000 || overtaken === 0)) {
    if (reader.isOvertaken) reader.seek(reader.newestGop ?? reader.head);
    if (!reader.read(entry)) continue;
    const copy = entry.payload.slice();
    if (!reader.isValid(entry)) {
      overtaken++;
      reader.seek(reader.newestGop ?? reader.head);
      continue;
    }
    whole++;
    const words = new Uint32Array(copy.buffer, 0, copy.length >> 2);
    if (words.length === 0 || words.some((word) => word !== entry.dts)) torn++;
    if (whole % 97 === 0) for (let i = 0; i < 20_000; i++) Math.sqrt(i); // falls behind now and then
  }
  Atomics.store(new Int32Array(stop), 0, 1);
  const [written] = await once(worker, "message");
  await worker.terminate();
  expect(torn).toBe(0);
  expect(whole).toBeGreaterThan(1000);
  expect(written).toBeGreaterThan(whole);
});
