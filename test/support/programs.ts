import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import type { TestContext } from "vitest";
import { within } from "./deadline.ts";

const root = resolve(import.meta.dirname, "../..");
/** Node as this repository pins it. */
const NODE = process.execPath;
const MAX_OUTPUT_CHARACTERS = 4_000_000;

export interface Exit {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A child process whose output is kept. `await using` ends it with the test. */
export class Program implements AsyncDisposable {
  readonly name: string;
  readonly child: ChildProcess;
  stdout = "";
  stderr = "";
  readonly #exit: Promise<Exit>;
  readonly #listeners = new Set<() => void>();
  #hasEnded = false;

  constructor(name: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
    this.name = name;
    this.child = spawn(name, args, { stdio: ["pipe", "pipe", "pipe"], env: { ...process.env, ...env }, cwd: root });
    this.child.stdin?.on("error", () => {}); // the program may end before it has read everything
    this.child.stdout?.on("data", (bytes: Buffer) => this.#take("stdout", bytes));
    this.child.stderr?.on("data", (bytes: Buffer) => this.#take("stderr", bytes));
    this.#exit = new Promise((done, failed) => {
      this.child.on("error", failed);
      this.child.on("close", (code, signal) => {
        this.#hasEnded = true;
        this.#wake();
        done({ code, signal });
      });
    });
    this.#exit.catch(() => {}); // seen by whoever asks for the exit
  }

  get output(): string {
    return this.stdout + this.stderr;
  }

  /** Resolves when the program has ended and its output is complete. */
  async exit(deadlineMs = 30_000): Promise<Exit> {
    try {
      return await within(this.#exit, deadlineMs, `${this.name} ends`);
    } catch (error) {
      throw new Error(`${error instanceof Error ? error.message : error}\n${this.output.slice(-2000)}`);
    }
  }

  /** Resolves with the program's output when it has ended with code 0; rejects with what it said otherwise. */
  async success(deadlineMs = 30_000): Promise<string> {
    const { code, signal } = await this.exit(deadlineMs);
    if (code !== 0) throw new Error(`${this.name} ended with ${code ?? signal}\n${this.output.slice(-2000)}`);
    return this.stdout;
  }

  /** Resolves with the match once the output has it. */
  async says(pattern: RegExp, deadlineMs = 15_000): Promise<RegExpExecArray> {
    const { promise, resolve: found, reject } = Promise.withResolvers<RegExpExecArray>();
    const look = (): void => {
      const match = pattern.exec(this.output);
      if (match) found(match);
      else if (this.#hasEnded) reject(new Error(`${this.name} ended without saying ${pattern}\n${this.output.slice(-2000)}`));
    };
    this.#listeners.add(look);
    look();
    try {
      return await within(promise, deadlineMs, `${this.name} says ${pattern}`);
    } finally {
      this.#listeners.delete(look);
    }
  }

  kill(signal: NodeJS.Signals = "SIGKILL"): void {
    this.child.kill(signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.kill();
    await this.#exit.catch(() => {});
  }

  #take(stream: "stdout" | "stderr", bytes: Buffer): void {
    if (this[stream].length < MAX_OUTPUT_CHARACTERS) this[stream] += bytes.toString("latin1");
    this.#wake();
  }

  #wake(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}

/** Starts a program that is not ours. */
export function run(name: string, ...args: string[]): Program {
  return new Program(name, args);
}

/** Starts our own command line. */
export function sluice(...args: string[]): Program {
  return new Program(NODE, [join(root, "src/cli/main.ts"), ...args], { SLUICE_CONFIG: undefined });
}

/** Where the PATH has a program; undefined when it is not installed. */
export function pathOf(name: string): string | undefined {
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return join(folder, name);
    } catch {} // not in this folder
  }
  return undefined;
}

/** Skips the test (which is counted) when one of the programs is not installed; in CI that is a failure. */
export function requireClients(context: TestContext, ...names: string[]): void {
  skipWithout(
    context,
    names.filter((name) => pathOf(name) === undefined),
  );
}

/** The same for elements of GStreamer, which come in several packages. */
export function requireGstElements(context: TestContext, ...names: string[]): void {
  requireClients(context, "gst-launch-1.0", "gst-inspect-1.0");
  skipWithout(
    context,
    names.filter((name) => spawnSync("gst-inspect-1.0", ["--exists", name]).status !== 0),
  );
}

function skipWithout(context: TestContext, missing: readonly string[]): void {
  if (missing.length === 0) return;
  if (process.env.CI === "true") throw new Error(`not installed: ${missing.join(", ")}`);
  context.skip(`not installed: ${missing.join(", ")}`);
}
