import { Socket } from "node:net";
import { expect, test } from "vitest";
import { closeSignal } from "./socket-sink.ts";

test("many requests on one connection share one signal and one listener", () => {
  const socket = new Socket();
  const before = socket.listenerCount("close");
  const signals = new Set(Array.from({ length: 20 }, () => closeSignal(socket)));
  expect(signals.size).toBe(1);
  expect(socket.listenerCount("close")).toBe(before + 1);
});

test("the signal aborts when the socket closes, and is aborted for one that was closed before", async () => {
  const socket = new Socket();
  const signal = closeSignal(socket);
  expect(signal.aborted).toBe(false);
  const { promise, resolve } = Promise.withResolvers<void>();
  signal.addEventListener("abort", () => resolve());
  socket.destroy();
  await promise;
  expect(closeSignal(socket).aborted).toBe(true);
  const other = new Socket();
  other.destroy();
  expect(closeSignal(other).aborted).toBe(true);
});
