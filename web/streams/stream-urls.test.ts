import { describe, expect, it } from "vitest";
import { ffmpegLine, streamUrls } from "./stream-urls.ts";

const demo = { app: "live", name: "demo" };

describe("addresses of a stream", () => {
  it("uses the host and port that served the page, and RTMP's own port", () => {
    const urls = streamUrls(demo, { protocol: "http:", host: "tv.example:8080", hostname: "tv.example" });
    expect(urls).toMatchObject({
      rtmp: "rtmp://tv.example/live/demo",
      obsServer: "rtmp://tv.example/live",
      obsKey: "demo",
      flv: "http://tv.example:8080/live/demo.flv",
      wsFlv: "ws://tv.example:8080/live/demo.flv",
      ts: "http://tv.example:8080/live/demo.ts",
      hls: "http://tv.example:8080/hls/live/demo/index.m3u8",
      wsPublish: "ws://tv.example:8080/live/demo",
    });
    expect(ffmpegLine(urls.rtmp)).toContain("-f flv rtmp://tv.example/live/demo");
  });

  it("names another RTMP port", () => {
    const urls = streamUrls(demo, { protocol: "http:", host: "[::1]:8080", hostname: "[::1]" }, 19350);
    expect(urls.rtmp).toBe("rtmp://[::1]:19350/live/demo");
  });

  it("stays encrypted where the page is", () => {
    const urls = streamUrls(demo, { protocol: "https:", host: "tv.example", hostname: "tv.example" });
    expect(urls.wsFlv).toBe("wss://tv.example/live/demo.flv");
    expect(urls.hls).toBe("https://tv.example/hls/live/demo/index.m3u8");
  });
});
