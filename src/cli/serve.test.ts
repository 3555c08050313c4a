import { expect, test } from "vitest";
import { parseArguments } from "./arguments.ts";
import { serve, serveConfig } from "./serve.ts";

const configOf = (line: string, env = {}) => serveConfig(parseArguments(line === "" ? [] : line.split(" "), serve), env);

test("without a configuration file there is a demo stream, unless somebody said otherwise", () => {
  expect(configOf("").demo).toBe(true);
  expect(configOf("--no-demo").demo).toBe(false);
  expect(configOf("", { SLUICE_DEMO: "off" }).demo).toBe(false);
  expect(configOf("--demo", { SLUICE_DEMO: "off" }).demo).toBe(true);
});

test("flags become settings", () => {
  expect(configOf("--rtmp off --http 0,8501 --workers 2 --data /srv --log-level warn")).toMatchObject({
    rtmp: [],
    http: [0, 8501],
    workers: 2,
    data: "/srv",
    logLevel: "warn",
  });
});

test("a bad value is told by the flag that held it", () => {
  expect(() => configOf("--log-level loud")).toThrow('--log-level "loud": must be one of');
  expect(() => configOf("--config /none.yaml")).toThrow("/none.yaml: cannot be read: no such file");
});
