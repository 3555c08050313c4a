import { expect, test } from "vitest";
import { FormatError } from "../../bytes/format-error.ts";
import { mediaPathSegments, parseRequestTarget } from "./request-target.ts";

test("the path of a stream is its segments", () => {
  expect(mediaPathSegments("/live/cam.flv")).toEqual(["live", "cam.flv"]);
});

test.each(["/live//a", "/live/../a", "/./a", "/live/", "/", "live/a", "/live\\a"])("the path %s names no stream", (path) => {
  expect(() => mediaPathSegments(path)).toThrow(FormatError);
});

test("dot segments and repeated slashes reach the caller as they were sent", () => {
  expect(parseRequestTarget("/a//b/../c", "GET").path).toBe("/a//b/../c");
  expect(() => mediaPathSegments(parseRequestTarget("/a/%2e%2e/c", "GET").path)).toThrow(FormatError);
});

test("the query ends where the target ends, further question marks included", () => {
  expect(parseRequestTarget("/a?b?c", "GET")).toEqual({ path: "/a", query: "b?c", authority: "" });
});

test("the asterisk is a target of OPTIONS only", () => {
  expect(parseRequestTarget("*", "OPTIONS").path).toBe("*");
  expect(() => parseRequestTarget("*", "GET")).toThrow(FormatError);
});
