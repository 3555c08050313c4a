import { allFlags } from "./arguments.ts";
import type { Command, Flag } from "./command.ts";

/** The help of one command. */
export function commandHelp(command: Command): string {
  return [
    `sluice ${command.name}: ${command.summary}`,
    "",
    `usage: ${["sluice", command.name, ...command.operands].join(" ")} [flags]`,
    "",
    ...flagLines(allFlags(command)),
    ...(command.notes ? ["", ...command.notes] : []),
  ].join("\n");
}

/** The help of the program: all commands, and the flags of the first, which is what it does without a command. */
export function programHelp(version: string, commands: readonly Command[]): string {
  const standard = commands[0]!;
  const names = commands.map((command) => [command.name, ...command.operands].join(" "));
  return [
    `sluice ${version}: a live-media server`,
    "",
    `usage: sluice [COMMAND] [flags]      without a command: ${standard.name}`,
    "",
    ...columns(commands.map((command, i) => [names[i] ?? "", command.summary])),
    "",
    `flags of ${standard.name}:`,
    ...flagLines([...allFlags(standard), { name: "version", doc: "print the version" }]),
    "",
    "sluice COMMAND --help tells about a command.",
  ].join("\n");
}

function flagLines(flags: readonly Flag[]): string[] {
  return columns(flags.map((flag) => [flag.value === undefined ? `--${flag.name}` : `--${flag.name} ${flag.value}`, flag.doc]));
}

function columns(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}
