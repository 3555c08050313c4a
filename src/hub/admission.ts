import { ProtocolError } from "../base/media-error.ts";
import type { StreamRequest } from "./hub.ts";

export interface AdmissionRequest extends StreamRequest {
  readonly action: "publish" | "play";
}

export type Decision = { readonly allow: true } | { readonly allow: false; readonly reason: string };

/** The one question that every publish and play passes. */
export type Authorize = (request: AdmissionRequest) => Promise<Decision>;

/**
 * Asks `authorize`, at most for `timeoutMs`. Throws ProtocolError `refused` when it says no, fails or takes too long, and `aborted`
 * when the peer leaves meanwhile.
 */
export async function admit(
  authorize: Authorize,
  request: AdmissionRequest,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<void> {
  if (signal.aborted) throw new ProtocolError("the peer left", { code: "aborted" });
  const { promise: stopped, reject } = Promise.withResolvers<never>();
  const leave = () => reject(new ProtocolError("the peer left", { code: "aborted" }));
  const tooLate = () => reject(new ProtocolError(`no decision within ${timeoutMs} ms`, { code: "refused" }));
  const timer = setTimeout(tooLate, timeoutMs);
  signal.addEventListener("abort", leave, { once: true });
  try {
    const decision = await Promise.race([authorize(request), stopped]);
    if (!decision.allow) throw new ProtocolError(decision.reason, { code: "refused" });
  } catch (error) {
    if (error instanceof ProtocolError) throw error;
    throw new ProtocolError("the decision failed", { code: "refused", cause: error });
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", leave);
  }
}
