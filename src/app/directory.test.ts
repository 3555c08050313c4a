import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { silentLogger } from "../base/logger.ts";
import type { Decision } from "../hub/admission.ts";
import type { StreamRequest } from "../hub/hub.ts";
import { Directory, type DirectoryOptions } from "./directory.ts";
import type { ToWorker } from "./threads/messages.ts";

const never = new AbortController().signal;
const request = (name: string): StreamRequest => ({ app: "live", name, query: "", protocol: "rtmp", remoteAddress: "10.0.0.1" });

let sent: { worker: number; message: ToWorker }[] = [];
let running: number[] = [];

function make(options: Partial<DirectoryOptions> = {}): Directory {
  return new Directory({
    publisherGraceMs: 15_000,
    waitForPublishMs: 0,
    authorizeTimeoutMs: 1000,
    takeover: "refuse",
    authorize: async () => ({ allow: true }),
    logger: silentLogger,
    send: (worker, message) => sent.push({ worker, message }),
    settled: async () => {},
    workers: () => running,
    now: () => 1_000_000,
    ...options,
  });
}

const types = (worker: number) => sent.filter((each) => each.worker === worker).map((each) => each.message.type);

beforeEach(() => {
  sent = [];
  running = [0, 1];
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
});
afterEach(() => void vi.useRealTimers());

describe("Directory", () => {
  test("a publish is known to every worker before it is granted, and its worker owns the stream", async () => {
    const directory = make();
    const grant = await directory.publish(1, request("a"), never);
    expect(grant.owner).toBe(1);
    expect(types(0)).toContain("stream");
    expect(await directory.find(request("a"), never)).toBe(grant.streamId);
  });

  test("a second publisher of a name is refused, with words that say why", async () => {
    const directory = make();
    await directory.publish(0, request("a"), never);
    const second = directory.publish(1, request("a"), never);
    await expect(second).rejects.toMatchObject({ code: "stream-busy", message: "live/a is being published already (by rtmp)" });
  });

  test("of two that ask at the same time one gets the name", async () => {
    const directory = make();
    const both = await Promise.allSettled([directory.publish(0, request("a"), never), directory.publish(1, request("a"), never)]);
    expect(both.map((each) => each.status)).toEqual(["fulfilled", "rejected"]);
  });

  test("with takeover the first publisher is sent away and the stream goes on at its owner", async () => {
    const directory = make({ takeover: "takeover" });
    const first = await directory.publish(0, request("a"), never);
    const second = await directory.publish(1, request("a"), never);
    expect(second).toMatchObject({ streamId: first.streamId, owner: 0 });
    expect(sent).toContainEqual({ worker: 0, message: expect.objectContaining({ type: "revoke", inputId: first.inputId }) });
  });

  test("viewers keep their stream for the grace period, and the publisher may come back within it", async () => {
    const directory = make();
    const first = await directory.publish(0, request("a"), never);
    directory.unpublish(first.inputId, "gone");
    await vi.advanceTimersByTimeAsync(14_999);
    const second = await directory.publish(1, request("a"), never);
    expect(second.streamId).toBe(first.streamId);
    directory.unpublish(second.inputId, "gone");
    await vi.advanceTimersByTimeAsync(15_000);
    expect(types(0)).toContain("ended");
    await expect(directory.find(request("a"), never)).rejects.toMatchObject({ code: "not-found" });
  });

  test("a name that ended and begins again goes on with higher segment numbers", async () => {
    const directory = make({ publisherGraceMs: 0 });
    const grant = await directory.publish(0, request("a"), never);
    const owner = { frames: 1, videoFrames: 1, bytes: 1, gopMs: 0, repaired: 0, segment: 41, discontinuity: 2 };
    const stats = { flushIntervalMs: 0, cpuShare: 0, connections: 0 };
    directory.updateStats(0, { ...stats, streams: [{ streamId: grant.streamId, viewers: {}, skips: 0, owner }] });
    directory.unpublish(grant.inputId, "gone");
    await vi.advanceTimersByTimeAsync(1);
    await directory.publish(0, request("a"), never);
    expect(directory.entries[0]?.firstSegment).toBeGreaterThan(41);
    expect(directory.entries[0]?.firstDiscontinuity).toBe(3);
  });

  test("when the owner dies, the publisher's worker goes on with the stream", async () => {
    const directory = make();
    const first = await directory.publish(0, request("a"), never);
    directory.unpublish(first.inputId, "gone");
    const second = await directory.publish(1, request("a"), never);
    const input = { inputId: second.inputId, log: { ...directory.entries[0]!.log }, consumed: new SharedArrayBuffer(4) };
    directory.openInput(second.streamId, input);
    running = [1];
    directory.workerDied(0);
    expect(directory.placeOf({ app: "live", name: "a" })).toEqual({ owner: 1, publisher: 1 });
    expect(sent.at(-1)).toEqual({ worker: 1, message: { type: "own", streamId: second.streamId, input } });
  });

  test("when a publisher's worker dies, the publisher is gone and may come back", async () => {
    const directory = make();
    await directory.publish(0, request("a"), never);
    running = [1];
    directory.workerDied(0);
    expect(directory.placeOf({ app: "live", name: "a" })).toEqual({ owner: 1, publisher: undefined });
    await expect(directory.publish(1, request("a"), never)).resolves.toMatchObject({ owner: 1 });
  });

  test("a viewer that comes while a publish is being decided on is told that there is no such stream, and later finds it", async () => {
    const decision = Promise.withResolvers<Decision>();
    const authorize: DirectoryOptions["authorize"] = async (each) =>
      each.action === "publish" ? decision.promise : { allow: true };
    const directory = make({ authorize });
    const publishing = directory.publish(0, request("a"), never);
    await expect(directory.find(request("a"), never)).rejects.toMatchObject({ code: "not-found" });
    decision.resolve({ allow: true });
    const { streamId } = await publishing;
    expect(await directory.find(request("a"), never)).toBe(streamId);
  });

  test("a publisher that leaves while it is being decided on leaves nothing behind", async () => {
    const decision = Promise.withResolvers<Decision>();
    const directory = make({ authorize: () => decision.promise });
    const peer = new AbortController();
    const publishing = expect(directory.publish(0, request("a"), peer.signal)).rejects.toMatchObject({ code: "aborted" });
    peer.abort();
    await publishing;
    decision.resolve({ allow: true });
    expect(directory.entries).toEqual([]);
  });

  test("a viewer waits for the publisher as long as configured", async () => {
    const directory = make({ waitForPublishMs: 5000 });
    const early = directory.find(request("a"), never);
    const late = expect(directory.find(request("b"), never)).rejects.toMatchObject({ code: "not-found" });
    const { streamId } = await directory.publish(0, request("a"), never);
    expect(await early).toBe(streamId);
    await vi.advanceTimersByTimeAsync(5000);
    await late;
  });

  test.each(["", "a b", "ü", "x".repeat(129)])("the name %j is refused", async (name) => {
    await expect(make().publish(0, request(name), never)).rejects.toMatchObject({ code: "bad-name" });
  });

  test("a reserved app is refused", async () => {
    const reserved = make().publish(0, { ...request("a"), app: "hls" }, never);
    await expect(reserved).rejects.toMatchObject({ code: "bad-name", message: 'the app name "hls" is reserved' });
  });
});
