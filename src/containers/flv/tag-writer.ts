import type { ByteWriter } from "../../bytes/byte-writer.ts";
import type { Frame } from "../../media/frame.ts";
import { rescale } from "../../media/timescale.ts";
import { type Codec, type Track, trackIndex } from "../../media/track.ts";
import * as ids from "./codec-ids.ts";
import { FLV_AUDIO, FLV_SCRIPT, FLV_VIDEO, type FlvTagType } from "./flv-tag.ts";
import { FLV_TIMESCALE } from "./track-input.ts";

/** Codecs that have a form without FourCC: it is taken, since every player knows it. */
const LEGACY: ReadonlySet<Codec> = new Set<Codec>(["h264", "aac", "mp3", "pcma", "pcmu", "speex"]);

const MIN_COMPOSITION_TIME = -0x800000;
const MAX_COMPOSITION_TIME = 0x7fffff;

/** Bytes of a ModEx unit with TimestampOffsetNano, between the first byte and the FourCC. */
const MOD_EX_BYTES = 5;
/** Bytes that a track of a multitrack message has more: the type of multitrack and the track's number. */
const MULTITRACK_BYTES = 2;
const LEGACY_AVC_BYTES = 5;

/** An upper bound of what a body has beside the payload. */
export const MAX_TAG_BODY_HEAD_BYTES = 1 + MOD_EX_BYTES + MULTITRACK_BYTES + 4 + 3;

/** The type of the tags, and RTMP messages, of a track. */
export function tagTypeOf(track: Track): FlvTagType {
  if (track.kind === "video") return FLV_VIDEO;
  return track.kind === "audio" ? FLV_AUDIO : FLV_SCRIPT;
}

/** The time of a frame's tag: its DTS in ms, modulo 2^32. */
export function tagTimestamp(frame: Frame): number {
  return rescale(frame.dts, frame.track.timescale, FLV_TIMESCALE) >>> 0;
}

/**
 * Whether frames of the track can be written. `multitrack` says that every track keeps its number; otherwise whatever is written
 * stands for the only track of its kind. Speex and G.711 have no FourCC, so they can only be alone.
 */
export function canWriteTrack(track: Track, multitrack = false): boolean {
  return !isNumbered(track, multitrack) || track.kind === "data" || ids.FOUR_CCS.has(track.codec);
}

/** Bytes of `writeTagBody`, exactly. */
export function tagBodySize(frame: Frame, multitrack = false): number {
  const { track, payload } = frame;
  if (track.kind === "data") return payload.length;
  if (isLegacy(track, multitrack)) return legacyHeadBytes(track.codec) + payload.length;
  const compositionTimeBytes = hasCompositionTime(track.codec) && compositionTimeOf(frame) !== 0 ? 3 : 0;
  const modExBytes = frame.ptsNanos > 0 ? MOD_EX_BYTES : 0;
  return extendedHeadBytes(track, multitrack) + modExBytes + compositionTimeBytes + payload.length;
}

/**
 * Writes the body of a frame's tag: legacy for H.264, AAC, MP3, G.711 and Speex, Enhanced RTMP for the rest and for numbered tracks
 * (`multitrack` and index above 0). `ptsNanos` is written where the form is the enhanced one. The payload is copied.
 */
export function writeTagBody(w: ByteWriter, frame: Frame, multitrack = false): void {
  const { track, payload } = frame;
  if (track.kind === "data") {
    w.put(payload);
    return;
  }
  if (isLegacy(track, multitrack)) writeLegacyHead(w, frame);
  else writeExtendedFrameHead(w, frame, multitrack);
  w.put(payload);
}

/** Whether the track has a decoder configuration that is sent ahead. */
export function hasSequenceStart(track: Track): boolean {
  return track.config.length > 0;
}

/** Bytes of `writeSequenceStart`, exactly. */
export function sequenceStartSize(track: Track, multitrack = false): number {
  const headBytes = isLegacy(track, multitrack) ? legacyHeadBytes(track.codec) : extendedHeadBytes(track, multitrack);
  return headBytes + track.config.length;
}

/** Writes the body of the tag with the track's decoder configuration: only when it has one. */
export function writeSequenceStart(w: ByteWriter, track: Track, multitrack = false): void {
  if (!isLegacy(track, multitrack)) writeExtendedHead(w, track, multitrack, ids.KEY_FRAME, ids.SEQUENCE_START, 0);
  else if (track.codec === "h264") {
    w.u8((ids.KEY_FRAME << 4) | ids.AVC_CODEC_ID);
    w.u32(0); // sequence header, no composition time
  } else {
    w.u8(legacyAudioByte(track));
    w.u8(0);
  }
  w.put(track.config);
}

/** Bytes of `writeSequenceEnd`, exactly; 0 where the form has no such thing. */
export function sequenceEndSize(track: Track, multitrack = false): number {
  if (track.kind === "data") return 0;
  if (!isLegacy(track, multitrack)) return extendedHeadBytes(track, multitrack);
  return track.codec === "h264" ? LEGACY_AVC_BYTES : 0;
}

/** Writes the body of the tag that says that a track has ended. */
export function writeSequenceEnd(w: ByteWriter, track: Track, multitrack = false): void {
  if (track.kind === "data") return;
  if (!isLegacy(track, multitrack)) writeExtendedHead(w, track, multitrack, ids.KEY_FRAME, ids.SEQUENCE_END, 0);
  else if (track.codec === "h264") {
    w.u8((ids.KEY_FRAME << 4) | ids.AVC_CODEC_ID);
    w.u32(0x02000000);
  }
}

function isNumbered(track: Track, multitrack: boolean): boolean {
  return multitrack && trackIndex(track.id) > 0;
}

function isLegacy(track: Track, multitrack: boolean): boolean {
  return LEGACY.has(track.codec) && !isNumbered(track, multitrack);
}

function hasCompositionTime(codec: Codec): boolean {
  return codec === "h264" || codec === "hevc";
}

/** In ms, as 24 bits can say it. */
function compositionTimeOf(frame: Frame): number {
  const { timescale } = frame.track;
  if (frame.pts === frame.dts) return 0;
  const offset = rescale(frame.pts, timescale, FLV_TIMESCALE) - rescale(frame.dts, timescale, FLV_TIMESCALE);
  return Math.max(MIN_COMPOSITION_TIME, Math.min(offset, MAX_COMPOSITION_TIME));
}

function legacyHeadBytes(codec: Codec): number {
  if (codec === "h264") return LEGACY_AVC_BYTES;
  return codec === "aac" ? 2 : 1;
}

function writeLegacyHead(w: ByteWriter, frame: Frame): void {
  const { track } = frame;
  if (track.codec === "h264") {
    w.u8(((frame.isKey ? ids.KEY_FRAME : ids.INTER_FRAME) << 4) | ids.AVC_CODEC_ID);
    w.u8(1);
    w.u24(compositionTimeOf(frame));
    return;
  }
  w.u8(legacyAudioByte(track));
  if (track.codec === "aac") w.u8(1);
}

/**
 * AudioTagHeader's first byte, annex E.4.2.1:
 *
 *   SoundFormat 4 | SoundRate 2 | SoundSize 1 | SoundType 1
 */
function legacyAudioByte(track: Track): number {
  switch (track.codec) {
    case "aac":
      return (ids.AAC_FORMAT << 4) | 0x0f; // always "44 kHz, 16 bits, stereo": the configuration says it
    case "mp3":
      return mp3Byte(track);
    case "pcma":
      return (ids.PCMA_FORMAT << 4) | 2;
    case "pcmu":
      return (ids.PCMU_FORMAT << 4) | 2;
    default:
      return (ids.SPEEX_FORMAT << 4) | 6; // as Flash wrote it: "11 kHz" stands for 16
  }
}

/** Rates that the field cannot say (32 and 48 kHz) go as 44.1: decoders read the frame's own header. */
function mp3Byte(track: Track): number {
  const sizeAndType = 2 | (track.channels === 1 ? 0 : 1);
  if (track.sampleRate === 8000) return (ids.MP3_8K_FORMAT << 4) | sizeAndType;
  const rate = track.sampleRate === 11025 ? 1 : track.sampleRate === 22050 ? 2 : 3;
  return (ids.MP3_FORMAT << 4) | (rate << 2) | sizeAndType;
}

/** Without ModEx and composition time. */
function extendedHeadBytes(track: Track, multitrack: boolean): number {
  return 1 + 4 + (isNumbered(track, multitrack) ? MULTITRACK_BYTES : 0);
}

function writeExtendedFrameHead(w: ByteWriter, frame: Frame, multitrack: boolean): void {
  const { track } = frame;
  const frameType = frame.isKey ? ids.KEY_FRAME : ids.INTER_FRAME;
  if (!hasCompositionTime(track.codec)) {
    writeExtendedHead(w, track, multitrack, frameType, ids.CODED_FRAMES, frame.ptsNanos);
    return;
  }
  const compositionTime = compositionTimeOf(frame);
  const packetType = compositionTime === 0 ? ids.CODED_FRAMES_X : ids.CODED_FRAMES;
  writeExtendedHead(w, track, multitrack, frameType, packetType, frame.ptsNanos);
  if (compositionTime !== 0) w.u24(compositionTime);
}

/**
 * ExVideoTagHeader or ExAudioTagHeader, Enhanced RTMP v2:
 *
 *   1 | FrameType 3 | packet type 4      or SoundFormat 9 4 | packet type 4
 *   while packet type is ModEx: size − 1 | data | ModExType 4 | packet type 4
 *   when packet type is Multitrack: AvMultitrackType 4 | packet type 4
 *   FourCC | when Multitrack: track number
 */
function writeExtendedHead(
  w: ByteWriter,
  track: Track,
  multitrack: boolean,
  frameType: number,
  packetType: number,
  nanos: number,
): void {
  const isVideo = track.kind === "video";
  const first = isVideo ? ids.EX_VIDEO_FLAG | (frameType << 4) : ids.EX_AUDIO_FORMAT << 4;
  const numbered = isNumbered(track, multitrack);
  const outer = numbered ? (isVideo ? ids.VIDEO_MULTITRACK : ids.AUDIO_MULTITRACK) : packetType;
  if (nanos > 0) {
    w.u8(first | ids.MOD_EX);
    w.u8(2); // three bytes
    w.u24(nanos);
    w.u8((ids.TIMESTAMP_OFFSET_NANO << 4) | outer);
  } else w.u8(first | outer);
  if (numbered) w.u8((ids.ONE_TRACK << 4) | packetType);
  w.u32(ids.FOUR_CCS.get(track.codec) ?? 0);
  if (numbered) w.u8(trackIndex(track.id));
}
