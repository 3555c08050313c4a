import { existsSync, readdirSync, readFileSync } from "node:fs";

/** What processes have used so far, from /proc. */
export interface ProcessUsage {
  /** Time on a core, user and system, all threads, in µs. On loopback it includes TCP work done for the receiving side. */
  readonly cpuUs: number;
  /** The same by kind, in the kernel's ticks of 10 ms. */
  readonly userMs: number;
  readonly systemMs: number;
  readonly rssBytes: number;
  readonly peakRssBytes: number;
}

const TICK_MS = 10;

/** The usage of a process and its descendants now; undefined where there is no /proc, or no such process. */
export function readProcessUsage(pid: number): ProcessUsage | undefined {
  if (!existsSync(`/proc/${pid}/schedstat`)) return undefined;
  const usages = withDescendants(pid).flatMap((id) => readOne(id) ?? []);
  if (usages.length === 0) return undefined;
  return usages.reduce((sum, usage) => ({
    cpuUs: sum.cpuUs + usage.cpuUs,
    userMs: sum.userMs + usage.userMs,
    systemMs: sum.systemMs + usage.systemMs,
    rssBytes: sum.rssBytes + usage.rssBytes,
    peakRssBytes: sum.peakRssBytes + usage.peakRssBytes,
  }));
}

function readOne(pid: number): ProcessUsage | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    const { userTicks, systemTicks } = parseStat(readFileSync(`/proc/${pid}/stat`, "utf8"));
    return {
      cpuUs: threadsCpuUs(pid),
      userMs: userTicks * TICK_MS,
      systemMs: systemTicks * TICK_MS,
      rssBytes: statusBytes(status, "VmRSS"),
      peakRssBytes: statusBytes(status, "VmHWM"),
    };
  } catch {
    return undefined; // it has ended
  }
}

/** The first number of each thread's schedstat is its time on a core in ns, exact where `stat` counts ticks. */
function threadsCpuUs(pid: number): number {
  let sum = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    try {
      sum += Number.parseInt(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8"), 10);
    } catch {} // a thread that has ended meanwhile
  }
  return sum / 1000;
}

/** Fields 4, 14 and 15 of /proc/PID/stat (proc(5)); the name in field 2 may hold spaces and parentheses. */
export function parseStat(stat: string): { parent: number; userTicks: number; systemTicks: number } {
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return { parent: Number(fields[1]), userTicks: Number(fields[11]), systemTicks: Number(fields[12]) };
}

/** A line "VmRSS:    1234 kB" of /proc/PID/status in bytes; 0 when it is not there. */
export function statusBytes(status: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(status)?.[1] ?? 0) * 1024;
}

function withDescendants(root: number): number[] {
  const parents = new Map<number, number>();
  for (const entry of readdirSync("/proc")) {
    const pid = Number(entry);
    if (!(pid > 0)) continue;
    try {
      parents.set(pid, parseStat(readFileSync(`/proc/${pid}/stat`, "utf8")).parent);
    } catch {} // ended meanwhile
  }
  const found = [root];
  for (const id of found) for (const [pid, parent] of parents) if (parent === id) found.push(pid);
  return found;
}
