import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { ConfigError, configKeys, defaultConfig, loadConfig } from "./config.ts";

const folder = mkdtempSync(join(tmpdir(), "sluice-config-"));
afterAll(() => rmSync(folder, { recursive: true }));

function file(yaml: string): string {
  const path = join(folder, "sluice.yaml");
  writeFileSync(path, yaml);
  return path;
}

function refusal(sources: Parameters<typeof loadConfig>[0]): string {
  try {
    loadConfig(sources);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as ConfigError).message.replace(folder, "");
  }
  return "accepted";
}

describe("loadConfig", () => {
  test("without sources gives the defaults", () => {
    expect(loadConfig()).toEqual(defaultConfig());
    expect(defaultConfig()).toMatchObject({
      rtmp: [1935],
      http: [8080],
      demo: false,
      limits: { gopCacheMaxBytes: 16 * 2 ** 20 },
    });
  });

  test("flags override the environment, which overrides the file, which overrides the defaults", () => {
    const config = loadConfig({
      file: file("workers: 2\nlimits: { maxLagMs: 1000, maxFlushMs: 100 }\nhls:\n  listSize: 9\n"),
      env: { SLUICE_WORKERS: "3", SLUICE_LIMITS_MAX_LAG_MS: "2000", PATH: "/bin" },
      flags: { workers: "4", data: undefined },
    });
    expect(config).toMatchObject({
      workers: 4,
      data: "./data",
      limits: { maxLagMs: 2000, maxFlushMs: 100 },
      hls: { listSize: 9 },
    });
  });

  test("an empty file is the defaults", () => {
    expect(loadConfig({ file: file("# nothing yet\n") })).toEqual(defaultConfig());
  });

  test.each([
    ["a number", 8080, [8080]],
    ["a list", [8080, "8501"], [8080, 8501]],
    ["text with commas", "8080, 8501", [8080, 8501]],
    ["off", "off", []],
    ["YAML 1.1's off", false, []],
    ["a free port", "0", [0]],
  ])("ports may be %s", (_name, http, expected) => {
    expect(loadConfig({ flags: { http } }).http).toEqual(expected);
  });

  test.each([
    ["yes", true],
    ["OFF", false],
    ["1", true],
  ])("a switch may be the word %s", (demo, expected) => {
    expect(loadConfig({ env: { SLUICE_DEMO: demo } }).demo).toBe(expected);
  });

  test("what it gives can be sent to a worker thread", () => {
    expect(structuredClone(defaultConfig())).toEqual(defaultConfig());
  });
});

describe("a mistake is told in one line", () => {
  test.each([
    ["workers: 2\nlimts:\n  maxLagMs: 1\n", '/sluice.yaml:2: unknown key "limts" (did you mean "limits"?)'],
    ["limits:\n  maxFlushMs: 9\n  maxLag: 1\n", '/sluice.yaml:3: unknown key "limits.maxLag" (did you mean "maxLagMs"?)'],
    ["maxLagMs: 900\n", '/sluice.yaml:1: unknown key "maxLagMs" (did you mean "limits.maxLagMs"?)'],
    ["zzz: 1\n", '/sluice.yaml:1: unknown key "zzz"'],
    ["\nhls:\n  listSize: many\n", "/sluice.yaml:3: hls.listSize: must be a whole number from 2 to 1000"],
    ["limits: 5\n", "/sluice.yaml:1: limits: must be a mapping of keys to values"],
    ["- a\n- b\n", "/sluice.yaml:1: must be a mapping of keys to values"],
    ["http: [8080, 99999]\n", '/sluice.yaml:1: http: must be a port (0 to 65535), a list of up to 16 ports, or "off"'],
    ["logLevel: loud\n", "/sluice.yaml:1: logLevel: must be one of debug, info, warn, error, silent"],
    ["workers: 1\nworkers: 2\n", "/sluice.yaml:2: Map keys must be unique"],
    ["a: [1\n", "/sluice.yaml:2: Flow sequence in block collection must be sufficiently indented and end with a ]"],
  ])("%j", (yaml, message) => {
    expect(refusal({ file: file(yaml) })).toBe(message);
  });

  test("in a variable or a flag, by the name that the user typed", () => {
    expect(refusal({ env: { SLUICE_HLS_LIST_SIZE: "1" } })).toBe(
      'SLUICE_HLS_LIST_SIZE "1": must be a whole number from 2 to 1000',
    );
    expect(refusal({ env: { SLUICE_WORKER: "1" } })).toBe(
      "unknown environment variable SLUICE_WORKER (did you mean SLUICE_WORKERS?)",
    );
    expect(refusal({ flags: { logLevel: "loud" } })).toBe('--log-level "loud": must be one of debug, info, warn, error, silent');
    expect(refusal({ flags: { rtmp: "19350000" } })).toContain('--rtmp "19350000": must be a port');
  });

  test("a variable that Kubernetes sets for a service named sluice is none", () => {
    expect(refusal({ env: { SLUICE_PORT: "tcp://10.0.0.1:80", SLUICE_SERVICE_HOST: "10.0.0.1" } })).toBe("accepted");
  });

  test("a file that cannot be read", () => {
    expect(refusal({ file: join(folder, "none.yaml") })).toBe("/none.yaml: cannot be read: no such file");
    expect(refusal({ file: folder })).toBe(": cannot be read: is a folder");
  });

  test("a port given twice", () => {
    expect(refusal({ flags: { rtmp: "8080" } })).toBe("port 8080 is given twice: for rtmp and for http");
    expect(refusal({ flags: { rtmp: "0", http: "0,0" } })).toBe("accepted");
  });
});

test("docs/configuration.md lists every key with its default (UPDATE_DOCS=1 rewrites it)", () => {
  const doc = join(import.meta.dirname, "../../docs/configuration.md");
  const before = readFileSync(doc, "utf8");
  const rows = configKeys().map(
    (key) => `| \`${key.path}\` | \`${JSON.stringify(key.standard)}\` | \`${key.env}\` | ${key.doc} |`,
  );
  const table = ["| key | default | environment variable | what it does |", "|---|---|---|---|", ...rows].join("\n");
  const after = before.replace(/(<!-- keys -->\n)[\s\S]*(\n<!-- \/keys -->)/, (_all, start, end) => start + table + end);
  if (process.env.UPDATE_DOCS) writeFileSync(doc, after);
  else expect(before).toBe(after);
});
