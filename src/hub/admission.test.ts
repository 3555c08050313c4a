import { describe, expect, test, vi } from "vitest";
import { type AdmissionRequest, admit } from "./admission.ts";

const request: AdmissionRequest = { action: "play", app: "live", name: "a", query: "", protocol: "rtmp", remoteAddress: "::1" };
const never = new AbortController().signal;

describe("admit", () => {
  test("passes what is allowed and refuses with the reason given", async () => {
    await admit(async () => ({ allow: true }), request, 1000, never);
    const refused = admit(async () => ({ allow: false, reason: "key expired" }), request, 1000, never);
    await expect(refused).rejects.toMatchObject({ code: "refused", message: "key expired" });
  });

  test("refuses when no decision comes in time", async () => {
    vi.useFakeTimers();
    try {
      const late = expect(admit(() => new Promise(() => {}), request, 1000, never)).rejects.toMatchObject({ code: "refused" });
      await vi.advanceTimersByTimeAsync(1000);
      await late;
    } finally {
      vi.useRealTimers();
    }
  });

  test("ends at once when the peer leaves while the decision is pending", async () => {
    const peer = new AbortController();
    const pending = expect(admit(() => new Promise(() => {}), request, 1000, peer.signal)).rejects.toMatchObject({
      code: "aborted",
    });
    peer.abort();
    await pending;
  });

  test("refuses when the decision fails", async () => {
    const failing = admit(() => Promise.reject(new TypeError("boom")), request, 1000, never);
    await expect(failing).rejects.toMatchObject({ code: "refused", message: "the decision failed" });
  });
});
