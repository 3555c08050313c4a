import { FormatError } from "../../bytes/format-error.ts";
import { type CodecEntry, hexDigits, videoDescription } from "../codec-entry.ts";
import { readAvcConfig } from "./avc-config.ts";
import { readH264Sps } from "./sps.ts";

/** H.264 / AVC. An SPS that cannot be read leaves the size unknown: decoders may understand more than we do. */
export const h264: CodecEntry = {
  kind: "video",
  needsConfig: true,
  describe(config) {
    const avc = readAvcConfig(config);
    const profile = hexDigits(avc.avcProfileIndication, 2) + hexDigits(avc.profileCompatibility, 2);
    const codecString = `avc1.${profile}${hexDigits(avc.avcLevelIndication, 2)}`;
    const [first] = avc.sequenceParameterSets;
    try {
      if (!first) return videoDescription(codecString);
      const sps = readH264Sps(first);
      return videoDescription(codecString, sps.width, sps.height, sps.fps);
    } catch (error) {
      if (error instanceof FormatError) return videoDescription(codecString);
      throw error;
    }
  },
};
