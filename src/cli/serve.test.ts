import { expect, test } from "vitest";
import { defaultConfig } from "../app/config.ts";
import { parseArguments } from "./arguments.ts";
import { banner, serve, serveConfig } from "./serve.ts";

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

test("the banner names ports that were taken, and leaves the standard RTMP port out", () => {
  const text = banner({ ports: { rtmp: [1935], http: [41000] }, workers: 2 }, { ...defaultConfig(), demo: true });
  expect(text).toContain("http://localhost:41000/\n");
  expect(text).toContain("stream=live/demo");
  expect(text).toContain("rtmp://localhost/live/mystream");
});

test("the banner speaks only of listeners that are on", () => {
  expect(banner({ ports: { rtmp: [], http: [8080] }, workers: 1 }, defaultConfig())).not.toContain("rtmp:");
  expect(banner({ ports: { rtmp: [1936], http: [] }, workers: 1 }, defaultConfig())).not.toContain("http:");
});
