import { describe, expect, it } from "vitest";
import { descriptionBytes, opusHead, vpConfig } from "./codec-configs.ts";

describe("decoder configurations that browsers do not give", () => {
  it("writes OpusHead as RFC 7845 draws it", () => {
    const text = Array.from(opusHead(2, 48_000), (byte) => byte.toString(16).padStart(2, "0")).join(" ");
    expect(text).toBe("4f 70 75 73 48 65 61 64 01 02 38 01 80 bb 00 00 00 00 00");
  });

  it("writes VPCodecConfigurationRecord for 8 bit 4:2:0", () => {
    expect([...vpConfig({ width: 1280, height: 720 })]).toEqual([0, 40, 0x82, 1, 1, 1, 0, 0]);
  });

  it("copies a description out of whatever holds it", () => {
    const buffer = Uint8Array.of(9, 1, 2, 9).buffer;
    const copy = descriptionBytes(new DataView(buffer, 1, 2));
    new Uint8Array(buffer).fill(0);
    expect([...copy]).toEqual([1, 2]);
    expect([...descriptionBytes(undefined)]).toEqual([]);
  });
});
