import { describe, expect, test } from "vitest";
import { MediaError } from "../../base/media-error.ts";
import { parseLoadTarget, rtmpNames } from "./load-target.ts";

describe("parseLoadTarget", () => {
  test.each([
    ["http://127.0.0.1:8080/live/s.flv?t=1", "flv", "127.0.0.1", 8080, "/live/s.flv?t=1"],
    ["ws://localhost/live/s.flv", "ws-flv", "localhost", 80, "/live/s.flv"],
    ["http://[::1]:81/live/s.ts", "ts", "::1", 81, "/live/s.ts"],
    ["ws://h/live/s.ts", "ws-ts", "h", 80, "/live/s.ts"],
    ["rtmp://h/live/s", "rtmp", "h", 1935, "/live/s"],
  ])("%s", (url, protocol, host, port, path) => {
    expect(parseLoadTarget(url)).toEqual({ url, protocol, host, port, path });
  });

  test.each(["https://h/live/s.flv", "http://h/live/s.mp4", "nonsense", ""])("%s is refused", (url) => {
    expect(() => parseLoadTarget(url)).toThrow(MediaError);
  });
});

describe("rtmpNames", () => {
  test("the first part is the application, the rest the name with its query", () => {
    const names = rtmpNames(parseLoadTarget("rtmp://[::1]:1936/live/a/b?k=v"));
    expect(names).toEqual({ app: "live", name: "a/b?k=v", tcUrl: "rtmp://[::1]:1936/live" });
  });

  test("a path without a name is refused", () => {
    expect(() => rtmpNames(parseLoadTarget("rtmp://h/live"))).toThrow(MediaError);
  });
});
