import type { FlusherClock } from "../../hub/flusher.ts";

/** The platform's clock and timers. `soon` runs after the input that has arrived already, so frames that came together leave together. */
export const flusherClock: FlusherClock = {
  now: () => performance.now(),
  cpuMs: () => {
    const { user, system } = process.threadCpuUsage();
    return (user + system) / 1000;
  },
  soon: (task) => void setImmediate(task),
  after: (delayMs, task) => {
    const timer = setTimeout(task, delayMs);
    return () => clearTimeout(timer);
  },
};
