import { execFileSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { cpus, release, setPriority, totalmem, type } from "node:os";

const AUTOGROUP = "/proc/self/autogroup";

/** What the numbers were measured on. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly kernel: string;
  readonly node: string;
  /** Open files a process may have: a bound on viewers. */
  readonly fileLimit: string;
}

export function describeMachine(): Machine {
  return {
    cpu: cpus()[0]?.model ?? "unknown",
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    kernel: `${type()} ${release()}`,
    node: process.version,
    fileLimit: run("sh", "-c", "ulimit -n") ?? "unknown",
  };
}

/** Which cores serve and which load: apart where there are enough, and `taskset` to say so. */
export interface Placement {
  readonly server: string | undefined;
  readonly load: string | undefined;
}

export function placeOnCores(workers: number): Placement {
  const cores = cpus().length;
  if (run("taskset", "-V") === undefined || workers >= cores) return { server: undefined, load: undefined };
  return { server: coreRange(0, workers - 1), load: coreRange(workers, cores - 1) };
}

/** Pins this process with all its threads, and the threads it starts from now on. */
export function pinSelf(cores: string | undefined): void {
  if (cores !== undefined) run("taskset", "-acp", cores, String(process.pid));
}

/**
 * Puts this process and those it starts before others; `niceness` below 0 needs root. With autogroups (Linux' default) the scheduler
 * shares out time among sessions first, so it is the session's niceness that counts.
 */
export function setNiceness(niceness: number): void {
  setPriority(niceness);
  if (existsSync(AUTOGROUP)) writeFileSync(AUTOGROUP, String(niceness));
}

function coreRange(first: number, last: number): string {
  return first === last ? String(first) : `${first}-${last}`;
}

function run(program: string, ...args: string[]): string | undefined {
  try {
    return execFileSync(program, args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  } catch {
    return undefined;
  }
}
