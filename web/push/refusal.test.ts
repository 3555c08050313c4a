import { describe, expect, it } from "vitest";
import { refusalOf } from "./refusal.ts";

describe("what a closed publish connection means", () => {
  it.each([1000, 1001, 1006, 1012, 1013])("tries again after %d", (code) => {
    expect(refusalOf({ code, reason: "restart", wasOpen: true })).toBeNull();
  });

  it("shows the server's reason when it refuses", () => {
    expect(refusalOf({ code: 1008, reason: "stream is already published", wasOpen: true })).toBe(
      "The server says: stream is already published",
    );
    expect(refusalOf({ code: 4409, reason: "", wasOpen: true })).toContain("4409");
  });
});
