import type { Io } from "./command.ts";

const SIGNAL_EXIT_BASE = 128;
const SIGNAL_NUMBERS = { SIGINT: 2, SIGTERM: 15 } as const;
const ERASE_LINE = "\r\x1b[2K";

/** One Ctrl-C comes several times when npm or a launcher hands on what the terminal told all of them. */
const SAME_PRESS_MS = 500;

/** The surroundings of this process. The first SIGINT or SIGTERM aborts the signal, a later one ends the process at once. */
export function processIo(): Io {
  const stop = new AbortController();
  let stoppedAt = 0;
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    process.on(name, () => {
      if (!stop.signal.aborted) {
        stoppedAt = performance.now();
        stop.abort(new Error(name));
      } else if (performance.now() - stoppedAt > SAME_PRESS_MS) {
        process.exit(SIGNAL_EXIT_BASE + SIGNAL_NUMBERS[name]);
      }
    });
  }
  // A reader that has seen enough, as in `sluice probe … | head -1`, is no error.
  process.stdout.on("error", () => process.exit(0));
  const isTerminal = process.stderr.isTTY === true;
  let showsProgress = false;
  const erase = () => {
    if (showsProgress) process.stderr.write(ERASE_LINE);
    showsProgress = false;
  };
  return {
    env: process.env,
    signal: stop.signal,
    out(line) {
      erase();
      process.stdout.write(`${line}\n`);
    },
    err(line) {
      erase();
      process.stderr.write(`${line}\n`);
    },
    progress(line) {
      if (!isTerminal) return;
      process.stderr.write(ERASE_LINE + line.slice(0, (process.stderr.columns || 80) - 1));
      showsProgress = true;
    },
  };
}
