import { FormatError } from "../../bytes/format-error.ts";
import { type CodecEntry, videoDescription } from "../codec-entry.ts";
import { HEVC_SPS, type HevcConfig, hevcParameterSets, readHevcConfig } from "./hevc-config.ts";
import { readHevcSps } from "./sps.ts";

/** H.265 / HEVC. An SPS that cannot be read leaves the size unknown. */
export const hevc: CodecEntry = {
  kind: "video",
  needsConfig: true,
  describe(config) {
    const record = readHevcConfig(config);
    const codecString = hevcCodecString(record);
    const averageFps = record.avgFrameRate / 256;
    const [first] = hevcParameterSets(record, HEVC_SPS);
    try {
      if (!first) return videoDescription(codecString, 0, 0, averageFps);
      const sps = readHevcSps(first);
      return videoDescription(codecString, sps.width, sps.height, sps.fps || averageFps);
    } catch (error) {
      if (error instanceof FormatError) return videoDescription(codecString, 0, 0, averageFps);
      throw error;
    }
  },
};

/** `hvc1.<space><profile>.<compatibility, bits reversed>.<tier><level>.<constraint bytes>`. ISO/IEC 14496-15 annex E.3. */
function hevcCodecString(config: HevcConfig): string {
  const space = ["", "A", "B", "C"][config.generalProfileSpace] ?? "";
  let reversed = 0;
  for (let i = 0; i < 32; i++) reversed = reversed * 2 + ((config.generalProfileCompatibilityFlags >>> i) & 1);
  const constraints = [...config.generalConstraintIndicatorFlags];
  while (constraints.at(-1) === 0) constraints.pop();
  const parts = [
    "hvc1",
    `${space}${config.generalProfileIdc}`,
    reversed.toString(16),
    `${config.generalTierFlag ? "H" : "L"}${config.generalLevelIdc}`,
    ...constraints.map((byte) => byte.toString(16).toUpperCase()),
  ];
  return parts.join(".");
}
