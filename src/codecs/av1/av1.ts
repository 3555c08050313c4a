import { MediaError } from "../../base/media-error.ts";
import { type CodecDescription, type CodecEntry, twoDigits, videoDescription } from "../codec-entry.ts";
import { readAv1Config } from "./av1-config.ts";
import { OBU_SEQUENCE_HEADER, obus } from "./obu.ts";
import { readAv1SequenceHeader } from "./sequence-header.ts";

/** AV1. The size is in the sequence header: among the configuration's OBUs, or else in the first key frame. */
export const av1: CodecEntry = {
  kind: "video",
  needsConfig: true,
  describe(config) {
    const record = readAv1Config(config);
    const level = `${twoDigits(record.seqLevelIdx0)}${record.seqTier0 === 1 ? "H" : "M"}`;
    const known = videoDescription(`av01.${record.seqProfile}.${level}.${twoDigits(record.bitDepth)}`);
    return withSequenceHeader(record.configObus, known);
  },
  describeFrame: withSequenceHeader,
};

function withSequenceHeader(units: Uint8Array, known: CodecDescription): CodecDescription {
  try {
    for (const obu of obus(units)) {
      if (obu.type !== OBU_SEQUENCE_HEADER) continue;
      const { width, height, fps } = readAv1SequenceHeader(obu.payload);
      return { ...known, width, height, fps };
    }
  } catch (error) {
    if (!(error instanceof MediaError)) throw error;
  }
  return known;
}
