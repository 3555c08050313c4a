import { describe, expect, test } from "vitest";
import { addressGroup, ConnectionLimits } from "./connection-limits.ts";

describe("addressGroup", () => {
  test.each([
    ["10.1.2.3", "10.1.2.3"],
    ["::ffff:10.1.2.3", "10.1.2.3"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2"],
    ["2001:db8:1:2::9", "2001:db8:1:2"],
    ["2001:db8::1", "2001:db8:0:0"],
    ["fe80::1%eth0", "fe80:0:0:0"],
    ["127.0.0.1", undefined],
    ["127.8.9.1", undefined],
    ["::ffff:127.0.0.1", undefined],
    ["::1", undefined],
  ])("%s counts as %s", (address, group) => {
    expect(addressGroup(address)).toBe(group);
  });
});

describe("ConnectionLimits", () => {
  const make = () => new ConnectionLimits(ConnectionLimits.share(2), 2, { maxConnections: 5, maxPerIp: 2 });

  test("counts an address over all workers, in all its spellings", () => {
    const limits = make();
    expect(limits.open(0, "10.0.0.1")).toBeUndefined();
    expect(limits.open(1, "::ffff:10.0.0.1")).toBeUndefined();
    expect(limits.open(0, "10.0.0.1")).toBe("10.0.0.1 has 2 connections, the limit for one address");
    limits.close(1, "10.0.0.1");
    expect(limits.open(0, "10.0.0.1")).toBeUndefined();
  });

  test("has no limit for loopback but that of the server", () => {
    const limits = make();
    for (let i = 0; i < 5; i++) expect(limits.open(0, "127.0.0.1")).toBeUndefined();
    expect(limits.open(0, "127.0.0.1")).toContain("the server has 5 connections");
  });

  test("forgets the connections of a worker that died", () => {
    const limits = make();
    limits.open(0, "10.0.0.1");
    limits.open(0, "10.0.0.1");
    limits.reset(0);
    expect(limits.count(0)).toBe(0);
    expect(limits.open(1, "10.0.0.1")).toBeUndefined();
  });
});
