import { ProtocolError } from "../../base/media-error.ts";
import type { Codec } from "../../media/track.ts";

/** CodecID of legacy video tags. Annex E.4.3.1; 12 is what encoders in China send for HEVC. */
export const AVC_CODEC_ID = 7;
export const HEVC_CODEC_ID = 12;
const VIDEO_NAMES: readonly string[] = ["", "JPEG", "H.263", "Screen video", "VP6", "VP6 with alpha", "Screen video 2"];

/** SoundFormat of legacy audio tags. Annex E.4.2.1. */
export const MP3_FORMAT = 2;
export const PCMA_FORMAT = 7;
export const PCMU_FORMAT = 8;
/** Enhanced RTMP: a FourCC follows. */
export const EX_AUDIO_FORMAT = 9;
export const AAC_FORMAT = 10;
export const SPEEX_FORMAT = 11;
export const MP3_8K_FORMAT = 14;
const AUDIO_NAMES: readonly string[] = ["linear PCM", "ADPCM", "", "linear PCM", "Nellymoser", "Nellymoser", "Nellymoser"];

/** Enhanced RTMP: `isExVideoHeader`. */
export const EX_VIDEO_FLAG = 0x80;

/** VideoFrameType. */
export const KEY_FRAME = 1;
export const INTER_FRAME = 2;
export const GENERATED_KEY_FRAME = 4;
export const COMMAND_FRAME = 5;

/** VideoPacketType of Enhanced RTMP v2; the first three are AudioPacketType's too. */
export const SEQUENCE_START = 0;
export const CODED_FRAMES = 1;
export const SEQUENCE_END = 2;
export const CODED_FRAMES_X = 3;
export const VIDEO_METADATA = 4;
export const MPEG2_TS_SEQUENCE_START = 5;
export const VIDEO_MULTITRACK = 6;
export const MOD_EX = 7;
/** AudioPacketType. */
export const MULTICHANNEL_CONFIG = 4;
export const AUDIO_MULTITRACK = 5;

/** AvMultitrackType. */
export const ONE_TRACK = 0;
export const MANY_TRACKS = 1;
export const MANY_TRACKS_MANY_CODECS = 2;

/** ModExType. */
export const TIMESTAMP_OFFSET_NANO = 0;

/** Four characters as the number that stands on the wire, and in onMetaData. */
function fourCc(text: string): number {
  return [...text].reduce((value, char) => value * 256 + char.charCodeAt(0), 0);
}

/** FourCC of each codec that Enhanced RTMP can carry. */
export const FOUR_CCS: ReadonlyMap<Codec, number> = new Map([
  ["h264", fourCc("avc1")],
  ["hevc", fourCc("hvc1")],
  ["av1", fourCc("av01")],
  ["vp9", fourCc("vp09")],
  ["vp8", fourCc("vp08")],
  ["aac", fourCc("mp4a")],
  ["opus", fourCc("Opus")],
  ["mp3", fourCc(".mp3")],
  ["ac3", fourCc("ac-3")],
  ["eac3", fourCc("ec-3")],
  ["flac", fourCc("fLaC")],
]);
const CODECS_BY_FOUR_CC = new Map([...FOUR_CCS].map(([codec, value]) => [value, codec]));
const VIDEO_CODECS: ReadonlySet<Codec> = new Set<Codec>(["h264", "hevc", "av1", "vp9", "vp8"]);

/** The codec of a FourCC of that kind. Throws ProtocolError that names the FourCC when it is none of ours. */
export function codecOfFourCc(kind: "video" | "audio", value: number): Codec {
  const codec = CODECS_BY_FOUR_CC.get(value);
  if (codec !== undefined && VIDEO_CODECS.has(codec) === (kind === "video")) return codec;
  const text = [24, 16, 8, 0].map((shift) => String.fromCharCode((value >>> shift) & 0xff)).join("");
  throw unsupported(kind, /^[\x20-\x7e]{4}$/.test(text) ? `"${text}"` : `0x${value.toString(16).padStart(8, "0")}`);
}

/** The codec of a legacy CodecID. Throws ProtocolError that names it when we do not carry it. */
export function videoCodecOfId(id: number): Codec {
  if (id === AVC_CODEC_ID) return "h264";
  if (id === HEVC_CODEC_ID) return "hevc";
  throw unsupported("video", VIDEO_NAMES[id] || `with CodecID ${id}`);
}

/** The codec of a legacy SoundFormat. Throws ProtocolError that names it when we do not carry it. */
export function audioCodecOfFormat(format: number): Codec {
  switch (format) {
    case AAC_FORMAT:
      return "aac";
    case MP3_FORMAT:
    case MP3_8K_FORMAT:
      return "mp3";
    case PCMA_FORMAT:
      return "pcma";
    case PCMU_FORMAT:
      return "pcmu";
    case SPEEX_FORMAT:
      return "speex";
    default:
      throw unsupported("audio", AUDIO_NAMES[format] || `with SoundFormat ${format}`);
  }
}

function unsupported(kind: string, name: string): ProtocolError {
  return new ProtocolError(`flv: ${kind} codec ${name} is not supported`, { code: "unsupported-codec" });
}
