import { ByteReader } from "../../bytes/byte-reader.ts";
import type { ByteWriter } from "../../bytes/byte-writer.ts";
import { FormatError } from "../../bytes/format-error.ts";
import { CODECS, describeCodec } from "../../codecs/codec.ts";
import type { Track } from "../../media/track.ts";
import { AmfEcmaArray, amfProperties } from "../amf/amf-value.ts";
import { type AmfValue, encodeAmf0, readAmf0, writeAmf0 } from "../amf/amf0.ts";
import { AAC_FORMAT, AVC_CODEC_ID, FOUR_CCS, MP3_FORMAT, PCMA_FORMAT, PCMU_FORMAT, SPEEX_FORMAT } from "./codec-ids.ts";

/** The publisher's metadata that is kept for every viewer. Files with a seek index have more, which no live viewer wants. */
export const MAX_METADATA_BYTES = 64 * 1024;

/** What a script tag or RTMP data message holds. */
export type ScriptData =
  /** `onMetaData`: the AMF0 bytes of its value, an object or ECMA array. A copy. */
  | { readonly kind: "metadata"; readonly value: Uint8Array }
  /** Anything else: name and values as AMF0. A view. */
  | { readonly kind: "data"; readonly payload: Uint8Array }
  /** Nothing to pass on: `@clearDataFrame`, metadata without a value or too large. */
  | { readonly kind: "none" };

const NONE: ScriptData = { kind: "none" };

/** Reads a script tag's body, with `@setDataFrame` in front or not. Throws FormatError when the AMF0 is malformed. */
export function readScriptData(body: Uint8Array): ScriptData {
  const reader = new ByteReader(body, "amf0");
  if (reader.remaining === 0) return NONE;
  let start = 0;
  let name = readAmf0(reader);
  if (name === "@setDataFrame") {
    start = reader.offset;
    if (reader.remaining === 0) return NONE;
    name = readAmf0(reader);
  }
  if (typeof name !== "string") throw new FormatError("flv: script data does not begin with a name");
  if (name === "@clearDataFrame") return NONE;
  return name === "onMetaData" ? readMetadata(reader) : { kind: "data", payload: body.subarray(start) };
}

function readMetadata(reader: ByteReader): ScriptData {
  if (reader.remaining === 0 || reader.remaining > MAX_METADATA_BYTES) return NONE;
  const start = reader.offset;
  const value = readAmf0(reader);
  const properties = amfProperties(value);
  if (!properties) return NONE;
  const bytes = reader.bytes.slice(start, reader.offset);
  const lasting = Object.entries(properties).filter(([name]) => !OF_FILES.has(name));
  const isWhole = lasting.length === Object.keys(properties).length;
  return {
    kind: "metadata",
    value: isWhole && isPlainAmf0(bytes) ? bytes : encodeAmf0(new AmfEcmaArray(Object.fromEntries(lasting))),
  };
}

/** True of a file, not of the live stream that it is sent as: a player that believes its `duration` stops there. */
const OF_FILES: ReadonlySet<string> = new Set([
  "duration",
  "filesize",
  "datasize",
  "videosize",
  "audiosize",
  "keyframes",
  "hasKeyframes",
  "canSeekToEnd",
  "lasttimestamp",
  "lastkeyframetimestamp",
  "lastkeyframelocation",
]);

/** Whether it is an object or ECMA array of AMF0 with its end marker, not AMF3 in disguise or cut short. */
function isPlainAmf0(bytes: Uint8Array): boolean {
  const end = bytes.length;
  return (bytes[0] === 3 || bytes[0] === 8) && end >= 4 && bytes[end - 3] === 0 && bytes[end - 2] === 0 && bytes[end - 1] === 9;
}

/** `onMetaData` says 0 wherever it stands: at any other time ffmpeg takes it for a text track. */
export const METADATA_TIMESTAMP = 0;

const NAME_BYTES = 3 + "onMetaData".length;
const SET_DATA_FRAME_BYTES = 3 + "@setDataFrame".length;

/** Bytes of `writeMetadataBody`. */
export function metadataBodySize(value: Uint8Array, isForPublishing = false): number {
  return (isForPublishing ? SET_DATA_FRAME_BYTES : 0) + NAME_BYTES + value.length;
}

/** Writes the body of an `onMetaData` tag; with `@setDataFrame` in front for a server that is published to. */
export function writeMetadataBody(w: ByteWriter, value: Uint8Array, isForPublishing = false): void {
  if (isForPublishing) writeAmf0(w, "@setDataFrame");
  writeAmf0(w, "onMetaData");
  w.put(value);
}

/** `videocodecid` and `audiocodecid` of what legacy tags carry; the rest have their FourCC there. */
const LEGACY_IDS: Partial<Record<Track["codec"], number>> = {
  h264: AVC_CODEC_ID,
  aac: AAC_FORMAT,
  mp3: MP3_FORMAT,
  pcma: PCMA_FORMAT,
  pcmu: PCMU_FORMAT,
  speex: SPEEX_FORMAT,
};

/** An upper bound of what `describeTracks` makes. */
export const MAX_MADE_METADATA_BYTES = 512;

/** The value of `onMetaData` for a publisher that gave none, as AMF0. */
export function describeTracks(video: Track | undefined, audio: Track | undefined): Uint8Array {
  const properties: Record<string, AmfValue> = {};
  const codecId = (track: Track) => LEGACY_IDS[track.codec] ?? FOUR_CCS.get(track.codec);
  if (video) {
    const fps = CODECS[video.codec].needsConfig && video.config.length > 0 ? describeCodec(video.codec, video.config).fps : 0;
    if (video.width > 0) Object.assign(properties, { width: video.width, height: video.height });
    if (fps > 0) properties.framerate = fps;
    properties.videocodecid = codecId(video);
  }
  if (audio) {
    properties.audiocodecid = codecId(audio);
    if (audio.sampleRate > 0) properties.audiosamplerate = audio.sampleRate;
    if (audio.channels > 0) Object.assign(properties, { audiochannels: audio.channels, stereo: audio.channels > 1 });
  }
  return encodeAmf0(new AmfEcmaArray(properties));
}
