import { isatty } from "node:tty";
import { pino } from "pino";
import type { Logger } from "../base/logger.ts";
import { formatLogLine } from "./log-line.ts";

export type LogLevel = "debug" | "info" | "warn" | "error" | "silent";

const STDOUT = 1;

/**
 * Writes to standard output: lines for people on a terminal, JSON for machines elsewhere; `SLUICE_LOG_FORMAT` (`text`, `json`) decides
 * otherwise. Written at once, so that nothing is lost when a thread dies. `thread` is told in every line.
 */
export function createLogger(level: LogLevel, thread?: string): Logger {
  const options = {
    level,
    base: thread === undefined ? {} : { thread },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (word: string) => ({ level: word }) },
  };
  const output = pino.destination({ fd: STDOUT, sync: true });
  const isTerminal = isatty(STDOUT); // process.stdout of a thread does not know
  const format = process.env.SLUICE_LOG_FORMAT ?? (isTerminal ? "text" : "json");
  if (format !== "text") return pino(options, output);
  const colors = isTerminal && !process.env.NO_COLOR;
  return pino(options, { write: (line) => void output.write(formatLogLine(line, colors)) });
}
