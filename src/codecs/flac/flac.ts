import { audioDescription, type CodecEntry } from "../codec-entry.ts";
import { readFlacConfig } from "./stream-info.ts";

/** FLAC frames. */
export const flac: CodecEntry = {
  kind: "audio",
  needsConfig: true,
  describe(config) {
    const { sampleRate, channels } = readFlacConfig(config);
    return audioDescription("flac", sampleRate, channels);
  },
};
