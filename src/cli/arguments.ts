import { MediaError } from "../base/media-error.ts";
import { nearestName, suggest } from "../base/nearest-name.ts";
import type { Arguments, Command, Flag } from "./command.ts";

/** A command line that makes no sense; one line for the user. */
export class UsageError extends MediaError {
  constructor(message: string) {
    super(message, { code: "usage" });
  }
}

/** Every command knows it. */
const HELP: Flag = { name: "help", doc: "print this" };

export const allFlags = (command: Command): readonly Flag[] => [...command.flags, HELP];

/** `-h` and `-v` for those who type them. */
const SHORT_NAMES: Readonly<Record<string, string>> = { "-h": "--help", "-v": "--version", "-V": "--version" };

/** Which command a line means, and what is left for it. A line that begins with a flag, or is empty, means the first command. */
export function findCommand(
  words: readonly string[],
  commands: readonly Command[],
): { command: Command; rest: readonly string[] } {
  const [first, ...rest] = words;
  const standard = commands[0]!;
  if (first === undefined || first.startsWith("-")) return { command: standard, rest: words };
  const command = commands.find(({ name }) => name === first);
  if (command) return { command, rest };
  const hint = suggest(
    first,
    commands.map(({ name }) => name),
  );
  throw new UsageError(`unknown command "${first}"${hint}; sluice --help lists them`);
}

/** Reads flags (`--name value`, `--name=value`, `--switch`) and operands in any order; `--` ends the flags. Throws UsageError. */
export function parseArguments(words: readonly string[], command: Command): Arguments {
  const operands: string[] = [];
  const flags = new Map<string, string | true>();
  for (let i = 0; i < words.length; i++) {
    const word = SHORT_NAMES[words[i]!] ?? words[i]!;
    if (word === "--") {
      operands.push(...words.slice(i + 1));
      break;
    }
    if (!word.startsWith("-") || word === "-") {
      operands.push(word);
      continue;
    }
    const [dashed = "", ...values] = word.split("=");
    const flag = findFlag(dashed, command);
    const given = values.length > 0 ? values.join("=") : undefined;
    if (flag.value === undefined) {
      if (given !== undefined) throw new UsageError(`--${flag.name} takes no value`);
      flags.set(flag.name, true);
    } else {
      const value = given ?? words[++i];
      if (value === undefined || value === "") throw new UsageError(`--${flag.name} needs a value: --${flag.name} ${flag.value}`);
      flags.set(flag.name, value);
    }
  }
  if (!flags.has("help")) checkOperands(operands, command);
  return { operands, flags };
}

function findFlag(dashed: string, command: Command): Flag {
  const known = allFlags(command);
  const flag = known.find(({ name }) => dashed === `--${name}`);
  if (flag) return flag;
  const near = nearestName(
    dashed.replace(/^-+/, ""),
    known.map(({ name }) => name),
  );
  const hint = near === undefined ? "" : ` (did you mean --${near}?)`;
  throw new UsageError(`unknown flag ${dashed} of ${command.name}${hint}; sluice ${command.name} --help lists them`);
}

function checkOperands(operands: readonly string[], command: Command): void {
  const missing = command.operands[operands.length];
  const usage = `sluice ${[command.name, ...command.operands].join(" ")}`;
  if (missing !== undefined) throw new UsageError(`${command.name}: ${missing} is missing; usage: ${usage}`);
  const extra = operands[command.operands.length];
  if (extra !== undefined) throw new UsageError(`${command.name}: what is "${extra}" for? usage: ${usage}`);
}

/** The value of a flag as a number from `min` to `max`; undefined when the flag was not given. Throws UsageError. */
export function numberFlag(args: Arguments, name: string, min: number, max: number): number | undefined {
  const text = args.flags.get(name);
  if (typeof text !== "string") return undefined;
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= min && value <= max)) throw new UsageError(`--${name} must be a number from ${min} to ${max}, is "${text}"`);
  return value;
}

/** The value of a flag; undefined when it was not given. */
export function textFlag(args: Arguments, name: string): string | undefined {
  const text = args.flags.get(name);
  return typeof text === "string" ? text : undefined;
}
