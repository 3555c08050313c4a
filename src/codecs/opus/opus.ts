import { audioDescription, type CodecEntry } from "../codec-entry.ts";
import { OPUS_SAMPLE_RATE, readOpusHead } from "./opus-head.ts";

/** Opus packets. A sender may leave the identification header out: then it is mono or stereo, and each packet says which. */
export const opus: CodecEntry = {
  kind: "audio",
  needsConfig: false,
  describe(config) {
    return audioDescription("opus", OPUS_SAMPLE_RATE, readOpusHead(config).channelCount);
  },
};
