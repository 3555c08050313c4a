import { FormatError } from "../../bytes/format-error.ts";
import { readAvcConfig } from "../../codecs/h264/avc-config.ts";
import { HEVC_PPS, HEVC_SPS, HEVC_VPS, hevcParameterSets, readHevcConfig } from "../../codecs/hevc/hevc-config.ts";
import type { Codec, Track } from "../../media/track.ts";
import { AnnexBStream, annexB, type NalTypes } from "./annex-b-stream.ts";
import { aacStream, ac3Stream, eac3Stream, mp3Stream, opusStream } from "./audio-streams.ts";
import type { ElementaryStream } from "./elementary-stream.ts";

/** ISO/IEC 14496-10 table 7-1; the delimiter says primary_pic_type 7, any slice. */
const H264_TYPES: NalTypes = {
  typeOf: (firstByte) => firstByte & 0x1f,
  delimiter: Uint8Array.of(0, 0, 0, 1, 0x09, 0xf0),
  delimiterType: 9,
  parameterSetTypes: [7, 8],
};

function h264Stream(track: Track): ElementaryStream {
  const config = readAvcConfig(track.config);
  return new AnnexBStream(0x1b, H264_TYPES, annexB([...config.sequenceParameterSets, ...config.pictureParameterSets]));
}

/** ISO/IEC 23008-2 table 7-1; the delimiter (type 35, layer 0, temporal id 1) says pic_type 2, any slice. */
const HEVC_TYPES: NalTypes = {
  typeOf: (firstByte) => (firstByte >> 1) & 0x3f,
  delimiter: Uint8Array.of(0, 0, 0, 1, 0x46, 0x01, 0x50),
  delimiterType: 35,
  parameterSetTypes: [HEVC_VPS, HEVC_SPS, HEVC_PPS],
};

function hevcStream(track: Track): ElementaryStream {
  const config = readHevcConfig(track.config);
  const sets = HEVC_TYPES.parameterSetTypes.flatMap((type) => hevcParameterSets(config, type));
  return new AnnexBStream(0x24, HEVC_TYPES, annexB(sets));
}

/** The codecs that MPEG-TS carries, ISO/IEC 13818-1 table 2-34 and private mappings that players know. */
const STREAMS: Readonly<Partial<Record<Codec, (track: Track) => ElementaryStream | undefined>>> = {
  h264: h264Stream,
  hevc: hevcStream,
  aac: aacStream,
  mp3: mp3Stream,
  ac3: ac3Stream,
  eac3: eac3Stream,
  opus: opusStream,
};

/** Whether MPEG-TS has a place for a codec. */
export function tsCarries(codec: Codec): boolean {
  return STREAMS[codec] !== undefined;
}

/** How a track goes into MPEG-TS; undefined when it cannot, or when its configuration makes no sense. */
export function createElementaryStream(track: Track): ElementaryStream | undefined {
  try {
    return STREAMS[track.codec]?.(track);
  } catch (error) {
    if (error instanceof FormatError) return undefined;
    throw error;
  }
}
