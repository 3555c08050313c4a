import { describe, expect, test } from "vitest";
import { ConfigError } from "../app/config.ts";
import { VERSION } from "../app/version.ts";
import { MediaError } from "../base/media-error.ts";
import { numberFlag } from "./arguments.ts";
import type { Arguments, Command, Io } from "./command.ts";
import { run } from "./run.ts";

let seen: Arguments | undefined;

function command(name: string, operands: string[], body: Command["run"]): Command {
  const flags = [
    { name: "speed", value: "N", doc: "how fast" },
    { name: "no-reconnect", doc: "give up" },
  ];
  return { name, summary: `does ${name}`, operands, flags, run: body };
}

const COMMANDS = [
  command("serve", [], async (args) => {
    seen = args;
    return 0;
  }),
  command("push", ["FILE", "URL"], async (args) => {
    seen = args;
    numberFlag(args, "speed", 0, 100);
    return 0;
  }),
  command("fail", [], async () => {
    throw new MediaError("cannot connect", { cause: new Error("refused\n by the peer") });
  }),
  command("misconfigured", [], async () => {
    throw new ConfigError("sluice.yaml:1: no");
  }),
  command("buggy", [], async () => {
    throw new TypeError("undefined is not a function");
  }),
];

async function sluice(line: string): Promise<{ code: number; out: string; err: string }> {
  const said = { out: "", err: "" };
  const io: Io = {
    out: (text) => (said.out += `${text}\n`),
    err: (text) => (said.err += `${text}\n`),
    progress: () => {},
    env: {},
    signal: new AbortController().signal,
  };
  seen = undefined;
  const code = await run(line === "" ? [] : line.split(" "), COMMANDS, io);
  return { code, ...said };
}

describe("a command line", () => {
  test.each([
    ["", { operands: [], flags: {} }],
    ["--speed 2", { operands: [], flags: { speed: "2" } }],
    ["push a b --speed=0.5 --no-reconnect", { operands: ["a", "b"], flags: { speed: "0.5", "no-reconnect": true } }],
    ["push --speed 1 a --speed 3 b", { operands: ["a", "b"], flags: { speed: "3" } }],
    ["push -- --a -b", { operands: ["--a", "-b"], flags: {} }],
    ["push - b", { operands: ["-", "b"], flags: {} }],
  ])("%j is understood", async (line, expected) => {
    expect(await sluice(line)).toEqual({ code: 0, out: "", err: "" });
    expect({ operands: seen?.operands, flags: Object.fromEntries(seen?.flags ?? []) }).toEqual(expected);
  });

  test.each([
    ["psh a b", 'unknown command "psh" (did you mean "push"?); sluice --help lists them'],
    ["record", 'unknown command "record"; sluice --help lists them'],
    ["--sped 2", "unknown flag --sped of serve (did you mean --speed?); sluice serve --help lists them"],
    ["push a b -speed 2", "unknown flag -speed of push (did you mean --speed?); sluice push --help lists them"],
    [
      "push a b --noreconnect",
      "unknown flag --noreconnect of push (did you mean --no-reconnect?); sluice push --help lists them",
    ],
    ["push a b --speed", "--speed needs a value: --speed N"],
    ["push a b --speed fast", '--speed must be a number from 0 to 100, is "fast"'],
    ["push a b --no-reconnect=1", "--no-reconnect takes no value"],
    ["push a", "push: URL is missing; usage: sluice push FILE URL"],
    ["push a b c", 'push: what is "c" for? usage: sluice push FILE URL'],
  ])("%j is refused in one line, with exit code 2", async (line, message) => {
    expect(await sluice(line)).toEqual({ code: 2, out: "", err: `sluice: ${message}\n` });
  });
});

describe("help", () => {
  test.each(["--help", "-h", "help"])("%s lists commands and the flags of the first", async (line) => {
    const { code, out } = await sluice(line);
    expect(code).toBe(0);
    expect(out).toContain("push FILE URL  does push");
    expect(out).toContain("--speed N");
  });

  test.each(["push --help", "push a -h", "help push"])("%s tells about one command without running it", async (line) => {
    const { code, out } = await sluice(line);
    expect(code).toBe(0);
    expect(out).toContain("usage: sluice push FILE URL [flags]");
    expect(seen).toBeUndefined();
  });

  test("--version prints the version alone", async () => {
    expect(await sluice("--version")).toEqual({ code: 0, out: `${VERSION}\n`, err: "" });
  });
});

describe("a failure", () => {
  test("at run time is one line with its causes, and exit code 1", async () => {
    expect(await sluice("fail")).toEqual({ code: 1, out: "", err: "sluice: cannot connect: refused by the peer\n" });
  });

  test("of the configuration is exit code 2", async () => {
    expect(await sluice("misconfigured")).toMatchObject({ code: 2, err: "sluice: sluice.yaml:1: no\n" });
  });

  test("of our own shows where", async () => {
    const { code, err } = await sluice("buggy");
    expect(code).toBe(1);
    expect(err).toContain("run.test.ts");
  });
});
