import { createRequire } from "node:module";
import { pino } from "pino";
import type { Logger } from "../base/logger.ts";

export type LogLevel = "debug" | "info" | "warn" | "error" | "silent";

/** Lines for people on a terminal, JSON for machines elsewhere. Written at once, so that nothing is lost when a thread dies. */
export function createLogger(level: LogLevel, name?: string): Logger {
  const base = name === undefined ? {} : { thread: name };
  if (!process.stdout.isTTY && process.env.SLUICE_LOG_FORMAT !== "pretty") {
    return pino({ level, base, timestamp: pino.stdTimeFunctions.isoTime }, pino.destination({ fd: 1, sync: true }));
  }
  const pretty: typeof import("pino-pretty") = createRequire(import.meta.url)("pino-pretty"); // only where a person reads
  const stream = pretty({ destination: 1, sync: true, translateTime: "SYS:HH:MM:ss", ignore: "thread", singleLine: true });
  return pino({ level, base }, stream);
}
