import { describe, expect, test } from "vitest";
import { readAvcConfig } from "../../codecs/h264/avc-config.ts";
import { nalUnits } from "../../codecs/h264/nal-units.ts";
import { readH264Sps } from "../../codecs/h264/sps.ts";
import { findMarker } from "./marker.ts";
import { STANDARD_SHAPE, type StreamShape, SyntheticStream } from "./synthetic-stream.ts";

/** Bits per second of whole seconds' worth of frames. */
function bitrates(shape: StreamShape, seconds: number): { video: number; audio: number } {
  const stream = new SyntheticStream(shape);
  let video = 0;
  let audio = 0;
  for (let i = 0; stream.videoDueMs(i) < seconds * 1000; i++) video += stream.video(i, 0).payload.length;
  for (let i = 0; stream.audioDueMs(i) < seconds * 1000; i++) audio += stream.audio().payload.length;
  return { video: (video * 8) / seconds, audio: (audio * 8) / seconds };
}

describe("SyntheticStream", () => {
  test.each([
    STANDARD_SHAPE,
    { ...STANDARD_SHAPE, videoKbps: 8000, gopSeconds: 10, fps: 60 },
    { ...STANDARD_SHAPE, videoKbps: 300, gopSeconds: 1, audioKbps: 0, keyRatio: 3 },
  ])("has the bitrate it was asked for: %o", (shape) => {
    const { video, audio } = bitrates(shape, 20);
    expect(Math.abs(video / 1000 / shape.videoKbps - 1)).toBeLessThan(0.01);
    expect(Math.abs(audio / 1000 - shape.audioKbps)).toBeLessThan(1);
  });

  test("a frame is an SEI with the marker and one slice, a key frame at the start of every GOP", () => {
    const stream = new SyntheticStream(STANDARD_SHAPE);
    for (const index of [0, 1, 59, 60]) {
      const { payload } = stream.video(index, 1e15);
      const units = [...nalUnits(payload.subarray(5), 4)];
      expect(units.map((unit) => unit[0]! & 31)).toEqual([6, index % 60 === 0 ? 5 : 1]);
      expect(payload[0]! >> 4).toBe(index % 60 === 0 ? 1 : 2);
      expect(findMarker(payload)).toEqual({ sentUs: 1e15, sequence: index });
    }
  });

  test("its configuration can be read: 1280 × 720", () => {
    const [metadata, video, audio] = new SyntheticStream(STANDARD_SHAPE).start();
    expect([metadata?.type, video?.type, audio?.type]).toEqual([18, 9, 8]);
    const { sequenceParameterSets } = readAvcConfig(video!.payload.subarray(5));
    expect(readH264Sps(sequenceParameterSets[0]!)).toMatchObject({ width: 1280, height: 720 });
    expect(audio?.payload).toEqual(Uint8Array.of(0xaf, 0, 0x12, 0x10));
  });
});
