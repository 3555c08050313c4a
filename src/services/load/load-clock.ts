/** The time of the read that is being worked on: taken once per read, and shared by all that look at its bytes. */
export interface LoadClock {
  /** Wall clock in ms since 1970, never stepping back. */
  nowMs: number;
  /** Latency, stalls and rates are those of the measuring window. */
  inWindow: boolean;
}
