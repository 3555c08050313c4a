import { describe, expect, test } from "vitest";
import { MAX_NAME_LENGTH, readApp, readName, readText } from "./stream-path.ts";

describe("names of applications and streams", () => {
  test.each([
    { name: "plain", app: "live", tcUrl: "rtmp://host/live", expected: { app: "live", query: "" } },
    { name: "query on app", app: "live?token=a", tcUrl: "rtmp://host/live", expected: { app: "live", query: "token=a" } },
    { name: "query on tcUrl only", app: "live", tcUrl: "rtmp://host/live?token=a", expected: { app: "live", query: "token=a" } },
    {
      name: "the same query on both counts once",
      app: "live?token=a",
      tcUrl: "rtmp://host/live?token=a",
      expected: { app: "live", query: "token=a" },
    },
    { name: "slashes around", app: "/live/", tcUrl: "", expected: { app: "live", query: "" } },
    { name: "an application with an instance", app: "live/room", tcUrl: "", expected: { app: "live/room", query: "" } },
  ])("$name", ({ app, tcUrl, expected }) => expect(readApp(app, tcUrl)).toEqual(expected));

  test("a name's query comes before that of its connection", () => {
    expect(readName("cam?key=1?2", "token=a")).toEqual({ name: "cam", query: "key=1?2&token=a" });
    expect(readName("cam", "token=a")).toEqual({ name: "cam", query: "token=a" });
  });

  test("other types and long texts are refused, nothing at all is empty", () => {
    expect(readText(undefined, "app")).toBe("");
    expect(() => readText(7, "app")).toThrow("rtmp: app is no string");
    expect(() => readText({ toString: "live" }, "app")).toThrow("rtmp: app is no string");
    expect(() => readText("a".repeat(MAX_NAME_LENGTH + 1), "app")).toThrow("4097 characters is above the limit of 4096");
  });
});
