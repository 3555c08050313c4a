import { FormatError } from "../../bytes/format-error.ts";
import { audioDescription, type CodecDescription, type CodecEntry } from "../codec-entry.ts";
import { readAc3Header } from "./ac3-header.ts";

/** AC-3. There is no configuration: each sync frame has its header. */
export const ac3: CodecEntry = {
  kind: "audio",
  needsConfig: false,
  describe: () => audioDescription("ac-3"),
  describeFrame: withHeader,
};

/** E-AC-3: the same frames with another header. */
export const eac3: CodecEntry = { ...ac3, describe: () => audioDescription("ec-3") };

function withHeader(payload: Uint8Array, known: CodecDescription): CodecDescription {
  try {
    const { sampleRate, channels } = readAc3Header(payload);
    return { ...known, sampleRate, channels };
  } catch (error) {
    if (error instanceof FormatError) return known;
    throw error;
  }
}
