import { ConfigError } from "../app/config.ts";
import { VERSION } from "../app/version.ts";
import { describeError, MediaError } from "../base/media-error.ts";
import { UrlError } from "../services/clients/stream-url.ts";
import { findCommand, parseArguments, UsageError } from "./arguments.ts";
import { type Command, EXIT_FAILED, EXIT_OK, EXIT_USAGE, type Io } from "./command.ts";
import { commandHelp, programHelp } from "./help.ts";

const USAGE_ERRORS = [UsageError, ConfigError, UrlError];

/** Runs a command line (without the program's name) and gives its exit code. Never rejects. */
export async function run(words: readonly string[], commands: readonly Command[], io: Io): Promise<number> {
  try {
    return await dispatch(words, commands, io);
  } catch (error) {
    io.err(`sluice: ${explain(error)}`);
    return USAGE_ERRORS.some((kind) => error instanceof kind) ? EXIT_USAGE : EXIT_FAILED;
  }
}

async function dispatch(words: readonly string[], commands: readonly Command[], io: Io): Promise<number> {
  const [first, second] = words;
  if (first === "--version" || first === "-v" || first === "-V") {
    io.out(VERSION);
    return EXIT_OK;
  }
  const isHelp = first === "help" || first === "--help" || first === "-h";
  if (isHelp && second === undefined) {
    io.out(programHelp(VERSION, commands));
    return EXIT_OK;
  }
  const { command, rest } = findCommand(first === "help" ? words.slice(1) : words, commands);
  const args = first === "help" ? undefined : parseArguments(rest, command);
  if (args && !args.flags.has("help")) return command.run(args, io);
  io.out(commandHelp(command));
  return EXIT_OK;
}

/** One line for what the user or the machine did; the stack too for what we did. */
function explain(error: unknown): string {
  const isOurs = error instanceof Error && !(error instanceof MediaError) && !("syscall" in error);
  return isOurs ? (error.stack ?? error.message) : describeError(error).replace(/\s*\n\s*/g, " ");
}
