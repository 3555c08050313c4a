/** Which viewers a thread opens, and when; parallel arrays, so that it crosses threads as it is. In the order of `startMs`. */
export interface ViewerPlan {
  /** Wall clock ms. */
  readonly startMs: Float64Array;
  /** 1 for a viewer of the pulse. */
  readonly isPulse: Uint8Array;
  /** Index of the target. */
  readonly target: Uint16Array;
  /** Last byte of the source address 127.0.0.x; 0 leaves the choice to the system. */
  readonly source: Uint8Array;
}

/** Viewers of one address: below the number of ports that the system gives out, with room for others. */
const VIEWERS_PER_SOURCE = 8_000;
const FIRST_SOURCE = 2;

export interface PlanOptions {
  readonly viewers: number;
  /** Of these, parsed to the end: they have the last thread to themselves, so that draining does not blur what they see. */
  readonly sampled: number;
  /** Threads that drain the others. */
  readonly threads: number;
  readonly targets: number;
  readonly rampStartMs: number;
  readonly rampPerSecond: number;
  readonly pulse?: { readonly viewers: number; readonly startMs: number; readonly overMs: number } | undefined;
  /** True when the server is on this machine: only then are there other addresses to come from. */
  readonly isLoopback: boolean;
}

interface Entry {
  readonly startMs: number;
  readonly isPulse: boolean;
  readonly number: number;
}

/** One plan per draining thread, and the sampled thread's behind them if there is one. Sampled viewers are spread over the ramp. */
export function planViewers(options: PlanOptions): ViewerPlan[] {
  const { viewers, threads, pulse, rampStartMs, rampPerSecond } = options;
  const sampled = Math.min(options.sampled, viewers);
  const lists: Entry[][] = Array.from({ length: threads + (sampled > 0 ? 1 : 0) }, () => []);
  const isSampled = new Uint8Array(viewers);
  for (let i = 0; i < sampled; i++) isSampled[Math.floor((i * viewers) / sampled)] = 1;
  for (let number = 0; number < viewers; number++) {
    const list = lists[isSampled[number] ? threads : number % threads];
    list?.push({ startMs: rampStartMs + (number / rampPerSecond) * 1000, isPulse: false, number });
  }
  for (let i = 0; pulse && i < pulse.viewers; i++) {
    const startMs = pulse.startMs + (i / pulse.viewers) * pulse.overMs;
    lists[i % threads]?.push({ startMs, isPulse: true, number: viewers + i });
  }
  const sources = options.isLoopback ? sourceCount(viewers + (pulse?.viewers ?? 0)) : 0;
  return lists.map((list) => toPlan(list, options.targets, sources));
}

/** 0: one address is enough. */
function sourceCount(viewers: number): number {
  return viewers <= VIEWERS_PER_SOURCE ? 0 : Math.ceil(viewers / VIEWERS_PER_SOURCE);
}

function toPlan(list: Entry[], targets: number, sources: number): ViewerPlan {
  list.sort((a, b) => a.startMs - b.startMs);
  return {
    startMs: Float64Array.from(list, (entry) => entry.startMs),
    isPulse: Uint8Array.from(list, (entry) => (entry.isPulse ? 1 : 0)),
    target: Uint16Array.from(list, (entry) => entry.number % targets),
    source: Uint8Array.from(list, (entry) => (sources === 0 ? 0 : FIRST_SOURCE + (entry.number % sources))),
  };
}
