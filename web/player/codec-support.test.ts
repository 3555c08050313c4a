import { describe, expect, it } from "vitest";
import type { Stream, StreamTrack } from "../streams/stream.ts";
import { codecProblem } from "./codec-support.ts";

function track(kind: "video" | "audio", codec: string, codecString: string): StreamTrack {
  return { kind, codec, codecString, width: 0, height: 0, fps: 0, sampleRate: 0, channels: 0 };
}

function stream(...tracks: StreamTrack[]): Stream {
  const rest = { bitrateBps: 0, fps: 0, gopMs: 0, viewers: { total: 0 }, publisher: null, startedAt: 0, state: "live" } as const;
  return { app: "live", name: "x", tracks, ...rest };
}

const h264 = track("video", "h264", "avc1.64001f");
const hevc = track("video", "hevc", "hvc1.1.6.L93.B0");
const aac = track("audio", "aac", "mp4a.40.2");
const opus = track("audio", "opus", "opus");
const debian = (type: string) => !type.includes("hvc1");

describe("what a browser cannot play", () => {
  it("has nothing against H.264 and AAC, nor against a stream of which nothing is known", () => {
    expect(codecProblem(stream(h264, aac), "flv", debian)).toBeNull();
    expect(codecProblem(stream(), "hls", debian)).toBeNull();
    expect(codecProblem(stream(track("video", "h264", "")), "hls", () => false)).toBeNull();
  });

  it("names a codec without decoder", () => {
    expect(codecProblem(stream(hevc, aac), "flv", debian)).toEqual({
      codec: "HEVC",
      kind: "video",
      lacks: "browser",
      other: null,
      isFatal: true,
    });
  });

  it("sends viewers of AV1 from HLS to FLV", () => {
    const av1 = stream(track("video", "av1", "av01.0.04M.08"));
    expect(codecProblem(av1, "hls", debian)).toMatchObject({ codec: "AV1", lacks: "player", other: "flv" });
    expect(codecProblem(av1, "flv", debian)).toBeNull();
  });

  it("plays a picture without its sound where the player can", () => {
    expect(codecProblem(stream(h264, opus), "hls", debian)).toMatchObject({ codec: "Opus", isFatal: false, other: "flv" });
    expect(codecProblem(stream(opus), "hls", debian)).toMatchObject({ isFatal: true });
  });

  it("asks for MP3 under its own type", () => {
    const asked: string[] = [];
    codecProblem(stream(track("audio", "mp3", "mp4a.6b")), "flv", (type) => asked.push(type) > 0);
    expect(asked).toEqual(["audio/mpeg"]);
  });
});
