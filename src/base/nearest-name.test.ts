import { expect, test } from "vitest";
import { nearestName, suggest } from "./nearest-name.ts";

const COMMANDS = ["serve", "push", "pull", "probe"];

test.each([
  ["srve", "serve"],
  ["seve", "serve"],
  ["esrve", "serve"],
  ["PUSH", "push"],
  ["prob", "probe"],
  ["record", undefined],
])("%s means %s", (meant, expected) => {
  expect(nearestName(meant, COMMANDS)).toBe(expected);
});

test("the nearer of two near names wins", () => {
  expect(nearestName("maxLagMs", ["maxLag", "maxLagM", "maxFlushMs"])).toBe("maxLagM");
});

test("names of any length are compared in bounded time", () => {
  expect(nearestName("x".repeat(1e6), COMMANDS)).toBeUndefined();
});

test("a suggestion is a clause to append, or nothing", () => {
  expect(suggest("pul", COMMANDS)).toBe(' (did you mean "pull"?)');
  expect(suggest("zzz", COMMANDS)).toBe("");
});
