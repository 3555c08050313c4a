/** What a command gets of its surroundings, so that tests can give it others. */
export interface Io {
  /** Writes a line to standard output: results, and all that `--json` asks for. */
  out(line: string): void;
  /** Writes a line to standard error: progress and errors. */
  err(line: string): void;
  /** Shows `line` in place of the last one; nothing when standard error is no terminal. */
  progress(line: string): void;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborts at SIGINT and SIGTERM. */
  readonly signal: AbortSignal;
}

export interface Flag {
  /** Without the dashes: `log-level`. */
  readonly name: string;
  /** What its value is called in the help: `PORT`; a flag without one is a switch. */
  readonly value?: string;
  readonly doc: string;
}

/** A command line that fits its command. */
export interface Arguments {
  readonly operands: readonly string[];
  /** Values of the flags that were given, by name; switches are true. The last one counts when a flag is given twice. */
  readonly flags: ReadonlyMap<string, string | true>;
}

export interface Command {
  readonly name: string;
  readonly summary: string;
  /** Names of the operands: `FILE`, `URL`. All of them must be given. */
  readonly operands: readonly string[];
  readonly flags: readonly Flag[];
  /** What the help says below the flags. */
  readonly notes?: readonly string[];
  /** Resolves with the exit code, or rejects with UsageError or another MediaError, which are told in one line. */
  run(args: Arguments, io: Io): Promise<number>;
}

export const EXIT_OK = 0;
/** It was tried and did not work. */
export const EXIT_FAILED = 1;
/** It was not even tried: wrong command, flag, operand or configuration. */
export const EXIT_USAGE = 2;

export const JSON_FLAG: Flag = { name: "json", doc: "print JSON for machines, one object a line" };
