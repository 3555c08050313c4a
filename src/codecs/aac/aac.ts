import { audioDescription, type CodecEntry } from "../codec-entry.ts";
import { readAudioSpecificConfig } from "./audio-specific-config.ts";

/** AAC in raw access units. */
export const aac: CodecEntry = {
  kind: "audio",
  needsConfig: true,
  describe(config) {
    const asc = readAudioSpecificConfig(config);
    const outermost = asc.hasPs ? 29 : asc.hasSbr ? 5 : asc.audioObjectType;
    return audioDescription(`mp4a.40.${outermost}`, asc.outputFrequency, asc.channels);
  },
};
