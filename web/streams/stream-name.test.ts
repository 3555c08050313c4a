import { describe, expect, it } from "vitest";
import { MAX_NAME_LENGTH, nameProblem, parseStreamName, streamFromQuery } from "./stream-name.ts";

describe("stream names of the pages", () => {
  it("reads app and name, and takes the app `live` when there is only a name", () => {
    expect(parseStreamName("school/room_1")).toEqual({ app: "school", name: "room_1" });
    expect(parseStreamName(" demo ")).toEqual({ app: "live", name: "demo" });
    expect(parseStreamName("/live/demo")).toEqual({ app: "live", name: "demo" });
  });

  it.each(["", "/", "live/", "/live/", "a/b/c", "live/dé", "live/a b", "live/../x", "hls/x", "live/a?b"])(
    "refuses %j",
    (text) => {
      expect(parseStreamName(text)).toBeNull();
    },
  );

  it("reads both forms of the query", () => {
    expect(streamFromQuery("?stream=live/demo")).toEqual({ app: "live", name: "demo" });
    expect(streamFromQuery("?stream=live%2Fdemo")).toEqual({ app: "live", name: "demo" });
    expect(streamFromQuery("?app=event&name=cam-4")).toEqual({ app: "event", name: "cam-4" });
    expect(streamFromQuery("?name=cam-4")).toEqual({ app: "live", name: "cam-4" });
    expect(streamFromQuery("?app=event")).toBeNull();
    expect(streamFromQuery("")).toBeNull();
  });

  it("says what is wrong with a part", () => {
    expect(nameProblem("", "name")).toMatch(/empty/);
    expect(nameProblem("a b", "name")).toMatch(/letters, digits/);
    expect(nameProblem("api", "app")).toMatch(/reserved/);
    expect(nameProblem("api", "name")).toBeNull();
    expect(nameProblem("x".repeat(MAX_NAME_LENGTH + 1), "name")).toMatch(/longer/);
    expect(nameProblem("x".repeat(MAX_NAME_LENGTH), "name")).toBeNull();
  });
});
