import { type CodecEntry, videoDescription } from "../codec-entry.ts";
import { vpCodecString } from "./vp9.ts";

/** VP8. The size is only in key frames: RFC 6386 §9.1. */
export const vp8: CodecEntry = {
  kind: "video",
  needsConfig: false,
  describe(config) {
    return videoDescription(vpCodecString("vp08", config) ?? "vp8");
  },
  describeFrame(payload, known) {
    const isKey = payload.length >= 10 && (payload[0]! & 1) === 0;
    if (!isKey || payload[3] !== 0x9d || payload[4] !== 0x01 || payload[5] !== 0x2a) return known;
    const width = payload[6]! | ((payload[7]! & 0x3f) << 8); // the upper two bits are the scale
    const height = payload[8]! | ((payload[9]! & 0x3f) << 8);
    return { ...known, width, height };
  },
};
