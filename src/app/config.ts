import { readFileSync } from "node:fs";
import { LineCounter, parseDocument } from "yaml";
import type { z } from "zod";
import { MediaError } from "../base/media-error.ts";
import { nearestName, suggest } from "../base/nearest-name.ts";
import { type Config, configSchema } from "./config-schema.ts";

export type { Config } from "./config-schema.ts";

/** A configuration that cannot be used; the message is one line that says where and why. */
export class ConfigError extends MediaError {
  constructor(message: string, options: { cause?: unknown } = {}) {
    super(message, { code: "config", ...options });
  }
}

/** Settings by their path, `limits.maxLagMs`, as text or as values. */
export type Settings = Readonly<Record<string, unknown>>;

export interface ConfigSources {
  /** A YAML file. */
  readonly file?: string | undefined;
  /** Variables named after the path of their key: `limits.maxLagMs` is `SLUICE_LIMITS_MAX_LAG_MS`. They override the file. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Override all; undefined values are left out. Errors name them as flags: `logLevel` is `--log-level`. */
  readonly flags?: Settings;
}

/** All defaults; no demo stream. */
export function defaultConfig(): Config {
  return configSchema.parse({});
}

/** Reads, joins and checks the sources. Throws ConfigError for the first thing that is wrong. */
export function loadConfig(sources: ConfigSources = {}): Config {
  const tree: Tree = sources.file === undefined ? {} : readConfigFile(sources.file);
  for (const [path, value] of Object.entries(envSettings(sources.env ?? {}))) override(tree, path, value, envName(path));
  for (const [path, value] of Object.entries(sources.flags ?? {})) {
    if (value !== undefined) override(tree, path, value, flagName(path));
  }
  const config = configSchema.parse(tree); // each part was checked on its own above
  checkPorts(config);
  return config;
}

type Tree = Record<string, unknown>;
type Path = readonly PropertyKey[];

/** The settings of a file, checked; errors name file and line. */
function readConfigFile(file: string): Tree {
  const lines = new LineCounter();
  const document = parseDocument(readText(file), { lineCounter: lines });
  const [error] = document.errors;
  if (error)
    throw new ConfigError(
      `${file}:${lines.linePos(error.pos[0]).line}: ${error.message.split("\n")[0]?.replace(/ at line.*/, "")}`,
    );
  const tree: unknown = document.toJS() ?? {};
  const result = configSchema.safeParse(tree);
  if (result.success) return tree as Tree;
  const { path, what } = describeIssue(result.error.issues[0]!);
  const node = path.length > 0 && document.getIn(path, true);
  const offset = keyOffset(document.contents, path) ?? (isRanged(node) ? node.range[0] : 0);
  throw new ConfigError(`${file}:${lines.linePos(offset).line}: ${what}`);
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
    const why =
      code === "ENOENT"
        ? "no such file"
        : code === "EACCES"
          ? "permission denied"
          : code === "EISDIR"
            ? "is a folder"
            : String(code);
    throw new ConfigError(`${file}: cannot be read: ${why}`);
  }
}

function isRanged(node: unknown): node is { range: [number, number, number] } {
  return typeof node === "object" && node !== null && "range" in node && Array.isArray(node.range);
}

/** Where the last key of a path stands in a YAML document; its value may be on a later line. */
function keyOffset(contents: unknown, path: Path): number | undefined {
  let node = contents;
  let offset: number | undefined;
  for (const name of path) {
    if (typeof node !== "object" || node === null || !("items" in node) || !Array.isArray(node.items)) return offset;
    const pair = node.items.find((item) => isPair(item) && item.key.value === name);
    if (!isPair(pair)) return offset;
    offset = pair.key.range[0];
    node = pair.value;
  }
  return offset;
}

interface Pair {
  key: { value: unknown; range: [number, number, number] };
  value: unknown;
}

function isPair(item: unknown): item is Pair {
  return typeof item === "object" && item !== null && "key" in item && isRanged(item.key) && "value" in item.key;
}

type Issue = z.core.$ZodIssue;

/** What is wrong, in one line, and where in the tree. */
function describeIssue(issue: Issue): { path: Path; what: string } {
  if (issue.code === "unrecognized_keys") {
    const key = issue.keys[0] ?? "";
    const path = [...issue.path, key];
    return { path, what: `unknown key "${path.join(".")}"${suggestKey(issue.path, key)}` };
  }
  if (issue.path.length === 0) return { path: [], what: "must be a mapping of keys to values" };
  const keys = issue.path.filter((name) => typeof name === "string");
  const what =
    issue.code === "invalid_type" && issue.expected === "object" ? "must be a mapping of keys to values" : issue.message;
  return { path: issue.path, what: `${keys.join(".")}: ${what}` };
}

/** The nearest key of the same mapping, else a key of that name anywhere. */
function suggestKey(parent: Path, key: string): string {
  const paths = configKeys().map((entry) => entry.path);
  const prefix = parent.length > 0 ? `${parent.join(".")}.` : "";
  const siblings = paths.filter((path) => path.startsWith(prefix)).map((path) => path.slice(prefix.length).split(".")[0] ?? "");
  const elsewhere = paths.find((path) => path.endsWith(`.${key}`) || path === key);
  return elsewhere === undefined ? suggest(key, siblings) : ` (did you mean "${elsewhere}"?)`;
}

export interface ConfigKey {
  /** `limits.maxLagMs` */
  readonly path: string;
  /** `SLUICE_LIMITS_MAX_LAG_MS` */
  readonly env: string;
  readonly standard: unknown;
  readonly doc: string;
  readonly schema: z.ZodType;
}

/** Every key that holds a value, in the order of the schema. */
export function configKeys(shape: Readonly<Record<string, z.ZodType>> = configSchema.shape, parent = ""): ConfigKey[] {
  return Object.entries(shape).flatMap(([name, schema]) => {
    const path = parent + name;
    const inner = "unwrap" in schema && typeof schema.unwrap === "function" ? schema.unwrap() : undefined;
    if (inner && "shape" in inner) return configKeys(inner.shape, `${path}.`);
    return [{ path, env: envName(path), standard: schema.parse(undefined), doc: schema.description ?? "", schema }];
  });
}

function envName(path: string): string {
  return `SLUICE_${path
    .replace(/\./g, "_")
    .replace(/([a-z])([A-Z])/g, "$1_$2")
    .toUpperCase()}`;
}

function flagName(path: string): string {
  return `--${path.replace(/([a-z])([A-Z])/g, "$1-$2").toLowerCase()}`;
}

/** Read by the command line, not settings of their own. */
const OTHER_VARIABLES = ["SLUICE_CONFIG"];

/** One letter: Kubernetes sets SLUICE_PORT and the like for a service of that name, and those are no mistakes. */
const MAX_VARIABLE_EDITS = 1;

function envSettings(env: Readonly<Record<string, string | undefined>>): Settings {
  const byName = new Map(configKeys().map((entry) => [entry.env, entry.path]));
  const settings: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(env)) {
    if (!name.startsWith("SLUICE_") || OTHER_VARIABLES.includes(name) || value === undefined) continue;
    const path = byName.get(name);
    const near = nearestName(name, byName.keys(), MAX_VARIABLE_EDITS);
    if (path !== undefined) settings[path] = value;
    else if (near !== undefined) throw new ConfigError(`unknown environment variable ${name} (did you mean ${near}?)`);
  }
  return settings;
}

/** Puts a value that is checked on its own into the tree. `label` is what the user called it. */
function override(tree: Tree, path: string, value: unknown, label: string): void {
  const key = configKeys().find((entry) => entry.path === path);
  if (!key) throw new ConfigError(`unknown key "${path}"${suggestKey([], path)}`);
  const result = key.schema.safeParse(value);
  if (!result.success) throw new ConfigError(`${label} ${JSON.stringify(value)}: ${result.error.issues[0]?.message}`);
  const names = path.split(".");
  const last = names.pop() ?? "";
  let node = tree;
  for (const name of names) {
    const child = node[name];
    node = node[name] = typeof child === "object" && child !== null ? (child as Tree) : {};
  }
  node[last] = value;
}

function checkPorts(config: Config): void {
  const users = new Map<number, string>();
  for (const kind of ["rtmp", "http"] as const) {
    for (const port of config[kind]) {
      const other = users.get(port);
      if (port !== 0 && other !== undefined) throw new ConfigError(`port ${port} is given twice: for ${other} and for ${kind}`);
      users.set(port, kind);
    }
  }
}
