import { expect, test } from "vitest";
import { parseStreamUrl } from "./stream-url.ts";

test.each([
  ["rtmp://example.com/live/cam", { protocol: "rtmp", host: "example.com", port: 1935, app: "live", name: "cam" }],
  [
    "rtmp://[::1]:1936/a/b/cam?key=1",
    { host: "::1", port: 1936, app: "a/b", name: "cam?key=1", shown: "rtmp://[::1]:1936/a/b/cam" },
  ],
  ["RTMPS://h/live/cam", { protocol: "rtmp", isTls: true, port: 443 }],
  ["http://h:8080/live/cam.flv?token=x", { protocol: "http", port: 8080, shown: "http://h:8080/live/cam.flv", app: "" }],
  ["wss://u:p@h/live/cam.flv", { protocol: "ws", isTls: true, port: 443, shown: "wss://h/live/cam.flv" }],
])("%s is understood", (text, expected) => {
  expect(parseStreamUrl(text)).toMatchObject(expected);
});

test.each([
  ["live/cam", "is no URL: it should begin with rtmp://"],
  ["rtp://h/live/cam", "rtp:// is not supported (did you mean rtmp://?)"],
  ["srt://h:9000", "srt:// is not supported"],
  ["rtmp://h/cam", "rtmp://h/cam needs an application and a stream name"],
  ["http://", "is no URL with a host"],
  ["http://h:99999/", "is no URL with a host"],
])("%s is refused with a reason", (text, message) => {
  expect(() => parseStreamUrl(text)).toThrow(message);
});
