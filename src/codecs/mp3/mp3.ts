import { FormatError } from "../../bytes/format-error.ts";
import { audioDescription, type CodecEntry } from "../codec-entry.ts";
import { readMpegAudioHeader } from "./mpeg-audio-header.ts";

/** MP3. There is no configuration: each frame has its header. */
export const mp3: CodecEntry = {
  kind: "audio",
  needsConfig: false,
  describe: () => audioDescription("mp4a.40.34"),
  describeFrame(payload, known) {
    try {
      const { sampleRate, channels } = readMpegAudioHeader(payload);
      return { ...known, sampleRate, channels };
    } catch (error) {
      if (error instanceof FormatError) return known;
      throw error;
    }
  },
};
