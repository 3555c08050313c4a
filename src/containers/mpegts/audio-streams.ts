import { ByteWriter } from "../../bytes/byte-writer.ts";
import { ADTS_HEADER_BYTES, MAX_ADTS_FRAME_BYTES, writeAdtsHeader } from "../../codecs/aac/adts.ts";
import { type AudioSpecificConfig, readAudioSpecificConfig } from "../../codecs/aac/audio-specific-config.ts";
import type { Frame } from "../../media/frame.ts";
import type { Track } from "../../media/track.ts";
import {
  type ElementaryStream,
  NO_DESCRIPTORS,
  registrationDescriptor,
  STREAM_ID_AUDIO,
  STREAM_ID_PRIVATE_1,
} from "./elementary-stream.ts";
import type { PesWriter } from "./pes-writer.ts";

/** The header of an MPEG audio frame; that of AC-3 is longer. What is shorter is no frame, and a PES packet of it could not be spread. */
const MIN_FRAME_BYTES = 4;

/** Frames that travel as they are: MPEG audio, AC-3, E-AC-3. */
class WholeFrameStream implements ElementaryStream {
  readonly streamType: number;
  readonly streamId: number;
  readonly descriptors: Uint8Array;

  constructor(streamType: number, streamId: number, descriptors: Uint8Array) {
    this.streamType = streamType;
    this.streamId = streamId;
    this.descriptors = descriptors;
  }

  maxBytes(frame: Frame): number {
    return frame.payload.length;
  }

  measure(frame: Frame): number {
    return frame.payload.length < MIN_FRAME_BYTES ? 0 : frame.payload.length;
  }

  write(frame: Frame, out: PesWriter): void {
    out.put(frame.payload);
  }
}

/** Sampling rates below this are MPEG-2 audio (ISO/IEC 13818-3), which has a stream_type of its own. */
const LOWEST_MPEG1_RATE = 32_000;

export function mp3Stream(track: Track): ElementaryStream {
  const isMpeg2 = track.sampleRate > 0 && track.sampleRate < LOWEST_MPEG1_RATE;
  return new WholeFrameStream(isMpeg2 ? 0x04 : 0x03, STREAM_ID_AUDIO, NO_DESCRIPTORS);
}

/** ATSC A/52 annex A §A4: stream_type 0x81 with the registration "AC-3". */
export function ac3Stream(): ElementaryStream {
  return new WholeFrameStream(0x81, STREAM_ID_PRIVATE_1, registrationDescriptor("AC-3"));
}

/** ATSC A/52 annex G: stream_type 0x87 with the registration "EAC3". */
export function eac3Stream(): ElementaryStream {
  return new WholeFrameStream(0x87, STREAM_ID_PRIVATE_1, registrationDescriptor("EAC3"));
}

/** AAC with an ADTS header before each access unit: stream_type 0x0f, ISO/IEC 13818-7. Access units that ADTS has no length for are left out. */
class AdtsStream implements ElementaryStream {
  readonly streamType = 0x0f;
  readonly streamId = STREAM_ID_AUDIO;
  readonly descriptors = NO_DESCRIPTORS;
  readonly #config: AudioSpecificConfig;
  readonly #header = new Uint8Array(ADTS_HEADER_BYTES);
  readonly #w = ByteWriter.over(this.#header);

  constructor(config: AudioSpecificConfig) {
    this.#config = config;
  }

  maxBytes(frame: Frame): number {
    return this.measure(frame);
  }

  measure(frame: Frame): number {
    const bytes = ADTS_HEADER_BYTES + frame.payload.length;
    return frame.payload.length > 0 && bytes <= MAX_ADTS_FRAME_BYTES ? bytes : 0;
  }

  write(frame: Frame, out: PesWriter): void {
    this.#w.offset = 0;
    writeAdtsHeader(this.#w, this.#config, frame.payload.length);
    out.put(this.#header);
    out.put(frame.payload);
  }
}

/** ADTS has two bits for the object type, three for the channels, and frames of 1024 samples. */
const MAX_ADTS_OBJECT_TYPE = 4;
const MAX_ADTS_CHANNEL_CONFIGURATION = 7;
const ADTS_FRAME_SAMPLES = 1024;

/** Undefined for what ADTS cannot say: low-delay and extended AAC, more than eight channels, frames of 960 samples. */
export function aacStream(track: Track): ElementaryStream | undefined {
  const config = readAudioSpecificConfig(track.config);
  const isAdts =
    config.audioObjectType <= MAX_ADTS_OBJECT_TYPE &&
    config.channelConfiguration <= MAX_ADTS_CHANNEL_CONFIGURATION &&
    config.frameLength === ADTS_FRAME_SAMPLES;
  return isAdts ? new AdtsStream(config) : undefined;
}

const OPUS_HEADER_PREFIX_BYTES = 2;
/** Opus channel mapping families 0 and 1, up to 8 channels, have a channel_config_code. */
const MAX_OPUS_CHANNELS = 8;

/**
 * Opus in MPEG-TS (the mapping published with the Opus codec and used by ffmpeg): private stream, registration "Opus", an extension
 * descriptor with channel_config_code, and before each packet a control header:
 *
 * | control_header_prefix 0x3ff (11) | start_trim | end_trim | control_extension | reserved (2) | au_size: 255 … 255, rest |
 */
class OpusStream implements ElementaryStream {
  readonly streamType = 0x06; // PES packets with private data
  readonly streamId = STREAM_ID_PRIVATE_1;
  readonly descriptors: Uint8Array;
  #header = new Uint8Array(64);

  constructor(channels: number) {
    this.descriptors = Uint8Array.of(...registrationDescriptor("Opus"), 0x7f, 2, 0x80, channels);
  }

  maxBytes(frame: Frame): number {
    return this.measure(frame);
  }

  measure(frame: Frame): number {
    return opusHeaderBytes(frame.payload.length) + frame.payload.length;
  }

  write(frame: Frame, out: PesWriter): void {
    const length = opusHeaderBytes(frame.payload.length);
    if (length > this.#header.length) this.#header = new Uint8Array(length);
    const header = this.#header;
    header[0] = 0x7f;
    header[1] = 0xe0;
    header.fill(0xff, OPUS_HEADER_PREFIX_BYTES, length - 1);
    header[length - 1] = frame.payload.length % 255;
    out.put(header, 0, length);
    out.put(frame.payload);
  }
}

function opusHeaderBytes(packetBytes: number): number {
  return OPUS_HEADER_PREFIX_BYTES + Math.floor(packetBytes / 255) + 1;
}

/** Undefined for channel mappings that have no code. The config is "OpusHead", RFC 7845 §5.1: channels at 9, mapping family at 18. */
export function opusStream(track: Track): ElementaryStream | undefined {
  const channels = track.config[9] ?? (track.channels || 2);
  const family = track.config[18] ?? 0;
  return family <= 1 && channels <= MAX_OPUS_CHANNELS ? new OpusStream(channels) : undefined;
}
