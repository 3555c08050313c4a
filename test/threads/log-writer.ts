/** Appends frames as fast as it can until told to stop; each payload holds its sequence number all over. */
import { parentPort, workerData } from "node:worker_threads";
import { FLAG_GOP_START } from "../../src/hub/frame-log.ts";
import { emptyFields, FrameLogWriter } from "../../src/hub/frame-log-writer.ts";

const stop = new Int32Array(workerData.stop as SharedArrayBuffer);
const writer = new FrameLogWriter(workerData.log, { windowMs: 0, maxDataBytes: 1 << 18 });
const fields = emptyFields();
const payload = new Uint32Array(4096);
let n = 0;
while (Atomics.load(stop, 0) === 0) {
  const length = 1 + ((n * 7919) % payload.length);
  payload.fill(n, 0, length);
  fields.dts = n;
  fields.flags = n % 50 === 0 ? FLAG_GOP_START : 0;
  writer.append(fields, new Uint8Array(payload.buffer, 0, length * 4));
  n++;
}
parentPort?.postMessage(n);
