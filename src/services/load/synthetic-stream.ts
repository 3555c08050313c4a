import { ByteWriter } from "../../bytes/byte-writer.ts";
import { fromHex } from "../../bytes/hex.ts";
import { avcConfigOf, writeAvcConfig } from "../../codecs/h264/avc-config.ts";
import { AmfEcmaArray } from "../../containers/amf/amf-value.ts";
import { encodeAmf0 } from "../../containers/amf/amf0.ts";
import { sequenceStartSize, writeSequenceStart } from "../../containers/flv/tag-writer.ts";
import { type Track, trackId } from "../../media/track.ts";
import { MARKER_BYTES, writeMarker } from "./marker.ts";

/** What a synthetic stream is like. */
export interface StreamShape {
  readonly fps: number;
  readonly gopSeconds: number;
  /** Markers and headers of the FLV tag body included. */
  readonly videoKbps: number;
  /** 0 is no audio. */
  readonly audioKbps: number;
  /** Size of a key frame to that of another. */
  readonly keyRatio: number;
}

export const STANDARD_SHAPE: StreamShape = { fps: 30, gopSeconds: 2, videoKbps: 900, audioKbps: 96, keyRatio: 8 };

/** The body of an FLV tag or RTMP message. */
export interface MediaBody {
  readonly type: 8 | 9 | 18;
  readonly payload: Uint8Array;
}

const WIDTH = 1280;
const HEIGHT = 720;
/** Of x264: high profile, level 3.1, 1280 × 720. */
const SPS = fromHex("6764001facb402802dd80880000003008000001e478c1950");
const PPS = fromHex("68ef0fcb");
const SAMPLE_RATE = 44_100;
const SAMPLES_PER_AAC_FRAME = 1024;
/** AAC-LC, 44.1 kHz, stereo. */
const AUDIO_SPECIFIC_CONFIG = Uint8Array.of(0x12, 0x10);
const AAC_HEAD = Uint8Array.of(0xaf, 1);
const VIDEO_HEAD_BYTES = 5;
const NAL_LENGTH_BYTES = 4;
/** NAL unit header, payload type 5 (user data unregistered), size, marker, stop bit. ISO/IEC 14496-10 §7.3.2.3. */
const SEI_BYTES = 3 + MARKER_BYTES + 1;
const MARKER_AT = VIDEO_HEAD_BYTES + NAL_LENGTH_BYTES + 3;
const SLICE_AT = MARKER_AT + MARKER_BYTES + 1;
const MIN_VIDEO_BYTES = SLICE_AT + NAL_LENGTH_BYTES + 8;
const MIN_AUDIO_BYTES = AAC_HEAD.length + 16;

/**
 * H.264 and AAC of exact bitrate, frame rate and GOP: real parameter sets and NAL units, but no pictures. Every video frame carries a
 * marker. The bytes of a frame are made once; only its marker changes, so the next call of `video` overwrites what the last one gave.
 */
export class SyntheticStream {
  readonly gopFrames: number;
  readonly #shape: StreamShape;
  readonly #key: Uint8Array;
  readonly #delta: Uint8Array;
  readonly #audio: Uint8Array;

  constructor(shape: StreamShape) {
    this.#shape = shape;
    this.gopFrames = Math.max(1, Math.round(shape.gopSeconds * shape.fps));
    const gopBytes = ((shape.videoKbps * 1000) / 8) * (this.gopFrames / shape.fps);
    const deltaBytes = Math.max(MIN_VIDEO_BYTES, Math.floor(gopBytes / (this.gopFrames - 1 + shape.keyRatio)));
    this.#delta = videoBody(deltaBytes, false);
    this.#key = videoBody(deltaBytes * shape.keyRatio, true);
    this.#audio = audioBody(((shape.audioKbps * 1000) / 8) * (SAMPLES_PER_AAC_FRAME / SAMPLE_RATE));
  }

  get hasAudio(): boolean {
    return this.#shape.audioKbps > 0;
  }

  /** When a frame is due, in ms since the stream's start. */
  videoDueMs(index: number): number {
    return (index * 1000) / this.#shape.fps;
  }

  audioDueMs(index: number): number {
    return this.hasAudio ? (index * SAMPLES_PER_AAC_FRAME * 1000) / SAMPLE_RATE : Number.POSITIVE_INFINITY;
  }

  /** Metadata and decoder configurations. */
  start(): MediaBody[] {
    const { fps, videoKbps, audioKbps } = this.#shape;
    const audio = { audiocodecid: 10, audiodatarate: audioKbps, audiosamplerate: SAMPLE_RATE, stereo: true };
    const video = { width: WIDTH, height: HEIGHT, framerate: fps, videocodecid: 7, videodatarate: videoKbps };
    const values = new AmfEcmaArray(this.hasAudio ? { ...video, ...audio } : video);
    const tracks = this.hasAudio ? [VIDEO_TRACK, AUDIO_TRACK] : [VIDEO_TRACK];
    return [{ type: 18, payload: encodeAmf0("@setDataFrame", "onMetaData", values) }, ...tracks.map(sequenceStart)];
  }

  /** Frame `index`, stamped with the wall clock in µs. Valid until the next call. */
  video(index: number, sentUs: number): MediaBody {
    const payload = index % this.gopFrames === 0 ? this.#key : this.#delta;
    writeMarker(payload, MARKER_AT, sentUs, index);
    return { type: 9, payload };
  }

  audio(): MediaBody {
    return { type: 8, payload: this.#audio };
  }
}

const TRACK = { timescale: 1000, width: 0, height: 0, sampleRate: 0, channels: 0 };
const VIDEO_TRACK: Track = {
  ...TRACK,
  id: trackId("video", 0),
  kind: "video",
  codec: "h264",
  config: writeAvcConfig({ ...avcConfigOf([SPS], [PPS]), extension: Uint8Array.of(0xfd, 0xf8, 0xf8, 0) }),
};
const AUDIO_TRACK: Track = {
  ...TRACK,
  id: trackId("audio", 0),
  kind: "audio",
  codec: "aac",
  config: AUDIO_SPECIFIC_CONFIG,
};

function sequenceStart(track: Track): MediaBody {
  const w = new ByteWriter(sequenceStartSize(track));
  writeSequenceStart(w, track);
  return { type: track.kind === "video" ? 9 : 8, payload: w.toBytes() };
}

/** Tag head, SEI with room for the marker, one slice. */
function videoBody(length: number, isKey: boolean): Uint8Array {
  const w = new ByteWriter(length);
  w.u8(isKey ? 0x17 : 0x27);
  w.u32(0x01000000); // AVC NAL units, composition time 0
  w.u32(SEI_BYTES);
  w.u8(6);
  w.u8(5);
  w.u8(MARKER_BYTES);
  w.fill(0, MARKER_BYTES);
  w.u8(0x80);
  w.u32(length - SLICE_AT - NAL_LENGTH_BYTES);
  w.u8(isKey ? 0x65 : 0x41);
  writeNoise(w, length - w.offset);
  return w.toBytes();
}

function audioBody(payloadBytes: number): Uint8Array {
  const length = Math.max(MIN_AUDIO_BYTES, AAC_HEAD.length + Math.round(payloadBytes));
  const w = new ByteWriter(length);
  w.put(AAC_HEAD);
  writeNoise(w, length - w.offset);
  return w.toBytes();
}

/** Bytes of 128 and more that do not compress and hold no start code; the same every time. */
function writeNoise(w: ByteWriter, length: number): void {
  let state = 0x1234567;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    w.u8(0x80 | (state >>> 24));
  }
}
