/** What an encoder gives: one picture, or one packet of sound. There are no B-frames, so decoding and presentation time are one. */
export interface EncodedFrame {
  readonly isVideo: boolean;
  readonly isKey: boolean;
  /** On the clock of `performance.now()`, in microseconds. */
  readonly timestampUs: number;
  readonly payload: Uint8Array;
}
