import { expect, test } from "vitest";
import { Scope } from "./scope.ts";

test("a scope ends its children first and releases in reverse order", () => {
  const seen: string[] = [];
  const parent = new Scope();
  parent.defer(() => seen.push("first"));
  parent.defer(() => seen.push("second"));
  const child = parent.child();
  child.defer(() => seen.push("child"));
  parent.end();
  parent.end();
  expect(seen).toEqual(["child", "second", "first"]);
  expect(child.signal.aborted).toBe(true);
});

test("what is deferred to an ended scope is released at once", () => {
  const parent = new Scope();
  parent.end();
  let released = false;
  parent.child().defer(() => {
    released = true;
  });
  expect(released).toBe(true);
});
