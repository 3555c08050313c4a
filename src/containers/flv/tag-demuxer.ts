import { LimitError, ProtocolError } from "../../base/media-error.ts";
import { ByteReader } from "../../bytes/byte-reader.ts";
import { FormatError } from "../../bytes/format-error.ts";
import { av1ConfigOfDescriptor } from "../../codecs/av1/av1-config.ts";
import { createTrack } from "../../codecs/codec.ts";
import type { MediaSink } from "../../media/frame.ts";
import { type Codec, MAX_TRACKS_PER_KIND, type Track } from "../../media/track.ts";
import * as ids from "./codec-ids.ts";
import { FLV_SCRIPT, FLV_VIDEO, type FlvTag } from "./flv-tag.ts";
import { readScriptData } from "./script-data.ts";
import { TimestampUnwrapper } from "./timestamp-unwrapper.ts";
import { equalBytes, FLV_TIMESCALE, TrackInput } from "./track-input.ts";

/** ModEx units in front of one packet. One is defined. */
export const MAX_MOD_EX_PER_PACKET = 8;
const MAX_OFFSET_NANOS = 999_999;

export interface FlvTagDemuxerOptions {
  /** Wall clock in ms since 1970, for `arrivalMs`; without it frames say 0. */
  readonly now?: () => number;
}

/**
 * Reads tag bodies, of FLV streams and of RTMP's audio, video and data messages alike: legacy (Adobe FLV 10.1, annex E.4) and
 * Enhanced RTMP v2, with all tracks of a multitrack publish. Gives tracks, metadata and frames in canonical form to the sink, with
 * times in ms, unwrapped. Configurations are copies; a frame's payload is a view of the tag where its form allows.
 *
 * Throws FormatError for malformed bytes, ProtocolError for a codec that we do not carry, LimitError beyond a limit.
 */
export class FlvTagDemuxer {
  readonly #sink: MediaSink;
  readonly #now: (() => number) | undefined;
  readonly #timestamps = new TimestampUnwrapper();
  readonly #videos: TrackInput[] = [];
  readonly #audios: TrackInput[] = [];
  #dataTrack: Track | undefined;
  #metadata: Uint8Array | undefined;
  /** Of the tag that is being read. */
  #dts = 0;
  #arrivalMs = 0;

  constructor(sink: MediaSink, options: FlvTagDemuxerOptions = {}) {
    this.#sink = sink;
    this.#now = options.now;
  }

  /** Reads one tag. An empty one means silence or nothing, and gives nothing. */
  read(tag: FlvTag): void {
    if (tag.data.length === 0) return;
    this.#arrivalMs = this.#now ? this.#now() : 0;
    if (tag.type === FLV_SCRIPT) {
      this.#readScript(tag);
      return;
    }
    this.#dts = this.#timestamps.unwrap(tag.timestamp);
    if (tag.type === FLV_VIDEO) this.#readVideo(tag.data);
    else this.#readAudio(tag.data);
  }

  /** VideoTagHeader. Annex E.4.3.1. */
  #readVideo(body: Uint8Array): void {
    const reader = new ByteReader(body, "flv");
    const head = reader.u8();
    const frameType = (head >> 4) & 7;
    if ((head & ids.EX_VIDEO_FLAG) !== 0) {
      this.#readExtended(reader, "video", frameType, head & 15);
      return;
    }
    if (frameType === ids.COMMAND_FRAME) return;
    const codec = ids.videoCodecOfId(head & 15);
    const packetType = reader.u8();
    if (packetType > ids.CODED_FRAMES) return; // end of sequence: the next begins with its header
    const compositionTime = reader.i24();
    if (packetType === ids.CODED_FRAMES) this.#videoFrame(codec, 0, compositionTime, 0, frameType, reader.rest());
    else if (reader.remaining > 0) this.#input("video", 0).configure(codec, reader.rest());
  }

  /** AudioTagHeader. Annex E.4.2.1. Its rate, size and type bits are wrong too often to be of use. */
  #readAudio(body: Uint8Array): void {
    const reader = new ByteReader(body, "flv");
    const head = reader.u8();
    const format = head >> 4;
    if (format === ids.EX_AUDIO_FORMAT) {
      this.#readExtended(reader, "audio", ids.KEY_FRAME, head & 15);
      return;
    }
    const codec = ids.audioCodecOfFormat(format);
    const isSequenceHeader = codec === "aac" && reader.u8() === 0;
    if (!isSequenceHeader) this.#audioFrame(codec, 0, 0, reader.rest());
    else if (reader.remaining > 0) this.#input("audio", 0).configure(codec, reader.rest());
  }

  /** ExVideoTagHeader and ExAudioTagHeader behind the first byte. Enhanced RTMP v2, "Enhanced Video" and "Enhanced Audio". */
  #readExtended(reader: ByteReader, kind: "video" | "audio", frameType: number, firstPacketType: number): void {
    let packetType = firstPacketType;
    let nanos = 0;
    for (let count = 0; packetType === ids.MOD_EX; count++) {
      if (count === MAX_MOD_EX_PER_PACKET)
        throw new LimitError(`flv: more than ${MAX_MOD_EX_PER_PACKET} ModEx units in a packet`);
      const dataBytes = readModExSize(reader);
      const data = reader.take(dataBytes);
      const types = reader.u8();
      if (types >> 4 === ids.TIMESTAMP_OFFSET_NANO) nanos = readOffsetNanos(data);
      packetType = types & 15;
    }
    if (frameType === ids.COMMAND_FRAME && packetType !== ids.VIDEO_METADATA) return;
    if (packetType === (kind === "video" ? ids.VIDEO_MULTITRACK : ids.AUDIO_MULTITRACK)) {
      this.#readMultitrack(reader, kind, frameType, nanos);
      return;
    }
    const codec = ids.codecOfFourCc(kind, reader.u32());
    this.#readPacket(reader, kind, 0, codec, frameType, packetType, nanos);
  }

  #readMultitrack(reader: ByteReader, kind: "video" | "audio", frameType: number, nanos: number): void {
    const types = reader.u8();
    const multitrackType = types >> 4;
    const packetType = types & 15;
    if (multitrackType > ids.MANY_TRACKS_MANY_CODECS)
      throw new FormatError(`flv: AvMultitrackType ${multitrackType} is reserved`);
    const hasOneCodec = multitrackType !== ids.MANY_TRACKS_MANY_CODECS;
    const common = hasOneCodec ? ids.codecOfFourCc(kind, reader.u32()) : undefined;
    if (multitrackType === ids.ONE_TRACK) {
      this.#readPacket(reader, kind, reader.u8(), common!, frameType, packetType, nanos);
      return;
    }
    for (let count = 0; reader.remaining > 0; count++) {
      if (count === MAX_TRACKS_PER_KIND) throw new LimitError(`flv: more than ${MAX_TRACKS_PER_KIND} tracks in a message`);
      const codec = common ?? ids.codecOfFourCc(kind, reader.u32());
      const index = reader.u8();
      const part = new ByteReader(reader.take(reader.u24()), "flv");
      this.#readPacket(part, kind, index, codec, frameType, packetType, nanos);
    }
  }

  /** One track's part of ExVideoTagBody or ExAudioTagBody: all that is left in `reader`. */
  #readPacket(
    reader: ByteReader,
    kind: "video" | "audio",
    index: number,
    codec: Codec,
    frameType: number,
    packetType: number,
    nanos: number,
  ): void {
    if (packetType === ids.SEQUENCE_START) this.#input(kind, index).configure(codec, reader.rest());
    else if (packetType === ids.SEQUENCE_END) this.#input(kind, index).end();
    else if (kind === "video") this.#readVideoPacket(reader, index, codec, frameType, packetType, nanos);
    else if (packetType === ids.CODED_FRAMES) this.#audioFrame(codec, index, nanos, reader.rest());
    else if (packetType === ids.MULTICHANNEL_CONFIG) this.#readMultichannelConfig(reader, index);
    else throw new ProtocolError(`flv: AudioPacketType ${packetType} is not supported`);
  }

  #readVideoPacket(reader: ByteReader, index: number, codec: Codec, frameType: number, packetType: number, nanos: number): void {
    switch (packetType) {
      case ids.CODED_FRAMES: {
        const compositionTime = codec === "h264" || codec === "hevc" ? reader.i24() : 0;
        this.#videoFrame(codec, index, compositionTime, nanos, frameType, reader.rest());
        return;
      }
      case ids.CODED_FRAMES_X:
        this.#videoFrame(codec, index, 0, nanos, frameType, reader.rest());
        return;
      case ids.VIDEO_METADATA:
        this.#dataFrame(reader.rest());
        return;
      case ids.MPEG2_TS_SEQUENCE_START:
        if (codec !== "av1") throw new ProtocolError(`flv: MPEG2TSSequenceStart of ${codec} is not supported`);
        this.#input("video", index).configure(codec, av1ConfigOfDescriptor(reader.rest()));
        return;
      default:
        throw new ProtocolError(`flv: VideoPacketType ${packetType} is not supported`);
    }
  }

  /** AudioPacketType.MultichannelConfig: of the order of the channels only their number is kept. */
  #readMultichannelConfig(reader: ByteReader, index: number): void {
    reader.skip(1); // audioChannelOrder
    const channelCount = reader.u8();
    if (channelCount > 0) this.#input("audio", index).setChannels(channelCount);
  }

  #videoFrame(codec: Codec, index: number, compositionTime: number, nanos: number, frameType: number, body: Uint8Array): void {
    const isKey = frameType === ids.KEY_FRAME || frameType === ids.GENERATED_KEY_FRAME;
    this.#input("video", index).frame(codec, this.#dts, compositionTime, nanos, isKey, body, this.#arrivalMs);
  }

  #audioFrame(codec: Codec, index: number, nanos: number, body: Uint8Array): void {
    this.#input("audio", index).frame(codec, this.#dts, 0, nanos, true, body, this.#arrivalMs);
  }

  /** Metadata has no time: many write 0 in mid-stream. */
  #readScript(tag: FlvTag): void {
    const script = readScriptData(tag.data);
    if (script.kind === "data") {
      this.#dts = this.#timestamps.unwrap(tag.timestamp);
      this.#dataFrame(script.payload);
    }
    if (script.kind !== "metadata") return;
    if (this.#metadata && equalBytes(this.#metadata, script.value)) return;
    this.#metadata = script.value;
    this.#sink.metadata(script.value);
  }

  #dataFrame(payload: Uint8Array): void {
    if (payload.length === 0) return;
    if (!this.#dataTrack) {
      this.#dataTrack = createTrack("amf0", 0, FLV_TIMESCALE, new Uint8Array(0));
      this.#sink.track(this.#dataTrack);
    }
    const dts = this.#dts;
    this.#sink.frame({ track: this.#dataTrack, dts, pts: dts, ptsNanos: 0, isKey: true, arrivalMs: this.#arrivalMs, payload });
  }

  #input(kind: "video" | "audio", index: number): TrackInput {
    const inputs = kind === "video" ? this.#videos : this.#audios;
    return (inputs[index] ??= new TrackInput(kind, index, this.#sink));
  }
}

/** 1 to 256 bytes; where 256 would be, a 16-bit size follows. */
function readModExSize(reader: ByteReader): number {
  const size = reader.u8() + 1;
  return size === 256 ? reader.u16() + 1 : size;
}

function readOffsetNanos(data: Uint8Array): number {
  return Math.min(new ByteReader(data, "flv ModEx").u24(), MAX_OFFSET_NANOS);
}
