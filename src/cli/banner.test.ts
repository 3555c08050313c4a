import { expect, test } from "vitest";
import { type Config, defaultConfig } from "../app/config.ts";
import { banner } from "./banner.ts";

function text(ports: { rtmp: number[]; http: number[] }, config: Partial<Config> = {}, workers = 2): string {
  return banner({ ports, workers }, { ...defaultConfig(), ...config });
}

test("the banner names ports that were taken, and leaves the standard RTMP port out of URLs", () => {
  const said = text({ rtmp: [1935], http: [41000, 8501] }, { demo: true });
  expect(said).toContain("RTMP on 1935, HTTP on 41000 and 8501, 2 media workers.\n");
  expect(said).toContain("http://localhost:41000/\n");
  expect(said).toContain("http://localhost:41000/index.html?stream=live/demo\n");
  expect(said).toContain("-f flv rtmp://localhost/live/mystream\n");
  expect(said).toContain("-f flv http://localhost:41000/live/mystream\n");
  expect(text({ rtmp: [1936], http: [] })).toContain("Server rtmp://localhost:1936/live, Stream Key mystream\n");
});

test("the banner speaks only of what is on", () => {
  const said = text({ rtmp: [], http: [8080] }, { hls: { ...defaultConfig().hls, enabled: false } }, 1);
  expect(said).not.toMatch(/rtmp/i);
  expect(said).not.toContain("m3u8");
  expect(said).not.toContain("live/demo");
  expect(said).toContain("HTTP on 8080, 1 media worker.\n");
  expect(text({ rtmp: [1936], http: [] }, { demo: true })).not.toContain("http:");
  expect(text({ rtmp: [], http: [] })).not.toContain("mystream");
});

test.each([
  ["::", "localhost"],
  ["127.0.0.1", "localhost"],
  ["192.0.2.7", "192.0.2.7"],
  ["2001:db8::7", "[2001:db8::7]"],
])("a server that listens on %s is reached as %s", (host, shown) => {
  expect(text({ rtmp: [], http: [8080] }, { host })).toContain(`http://${shown}:8080/\n`);
});

test("the banner names the configuration file that was read", () => {
  expect(banner({ ports: { rtmp: [], http: [] }, workers: 1 }, defaultConfig(), "sluice.yaml")).toContain(
    "\nConfiguration: sluice.yaml\n",
  );
});
