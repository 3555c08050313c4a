/** The network may owe this much media before frames are left out. */
const MAX_DEBT_MS = 1500;
/** And it takes frames again when it owes no more than this. */
const RESUME_DEBT_MS = 300;
/** Sound is small; only a connection that stands still loses it. */
const MAX_AUDIO_DEBT_MS = 6000;

export interface Outgoing {
  readonly isVideo: boolean;
  readonly isKey: boolean;
}

/**
 * Decides which frames a slow network still gets. Video stops when too much waits in the socket, and goes on with a key frame once
 * the socket is nearly empty: a picture that misses one frame of a GOP is broken until the next key frame anyway.
 */
export class SendGate {
  readonly #bytesPerMs: number;
  #isOpen = false;
  #hasRoom = true;

  /** `bitrateBps`: what the encoders are asked for together. */
  constructor(bitrateBps: number) {
    this.#bytesPerMs = Math.max(1, bitrateBps / 8000);
  }

  /** True when the next video frame should be a key frame: nothing else will be sent. */
  get wantsKeyFrame(): boolean {
    return !this.#isOpen && this.#hasRoom;
  }

  /** Whether to send a frame while `bufferedBytes` wait in the socket. */
  allows(frame: Outgoing, bufferedBytes: number): boolean {
    const debtMs = bufferedBytes / this.#bytesPerMs;
    if (!frame.isVideo) return debtMs <= MAX_AUDIO_DEBT_MS;
    if (debtMs > MAX_DEBT_MS) this.#isOpen = this.#hasRoom = false;
    if (debtMs <= RESUME_DEBT_MS) this.#hasRoom = true;
    if (!this.#isOpen && frame.isKey && this.#hasRoom) this.#isOpen = true;
    return this.#isOpen;
  }
}
