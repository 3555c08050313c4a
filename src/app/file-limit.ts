import { readFileSync } from "node:fs";

const UNKNOWN_LIMIT = 10_000;
/** Of the files that the process may open, so many in a hundred go to connections. */
const SHARE = 0.95;

/** How many connections fit under the process's limit of open files, minus a reserve for everything else. */
export function connectionsByFileLimit(): number {
  return Math.floor(openFileLimit() * SHARE);
}

function openFileLimit(): number {
  try {
    const line = readFileSync("/proc/self/limits", "utf8")
      .split("\n")
      .find((text) => text.startsWith("Max open files"));
    const soft = Number(line?.split(/\s{2,}/)[1]);
    return Number.isFinite(soft) && soft > 0 ? soft : UNKNOWN_LIMIT;
  } catch {
    return UNKNOWN_LIMIT; // no /proc on this system
  }
}
