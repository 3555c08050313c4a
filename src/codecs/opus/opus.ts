import { audioDescription, type CodecEntry } from "../codec-entry.ts";
import { OPUS_SAMPLE_RATE, readOpusHead } from "./opus-head.ts";

/** Opus packets. */
export const opus: CodecEntry = {
  kind: "audio",
  needsConfig: true,
  describe(config) {
    return audioDescription("opus", OPUS_SAMPLE_RATE, readOpusHead(config).channelCount);
  },
};
