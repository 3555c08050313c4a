import type { EncodedPacket, AudioCodec as FileAudioCodec, VideoCodec as FileVideoCodec, InputTrack } from "mediabunny";
import { MediaError } from "../../base/media-error.ts";
import { ByteWriter } from "../../bytes/byte-writer.ts";
import { configOfAdts, readAdtsHeader } from "../../codecs/aac/adts.ts";
import { canonicalTemporalUnit, OBU_SEQUENCE_HEADER, obus } from "../../codecs/av1/obu.ts";
import { annexBNalUnits, annexBToLengthPrefixed } from "../../codecs/h264/annex-b.ts";
import { avcConfigOf, writeAvcConfig } from "../../codecs/h264/avc-config.ts";
import { hevcNalUnitType, writeHevcConfig } from "../../codecs/hevc/hevc-config.ts";
import { hevcConfigOf } from "../../codecs/hevc/sps.ts";
import { announcedLengthSize, canonicalConfig, canonicalPayload } from "../../containers/flv/canonical-form.ts";
import type { Codec } from "../../media/track.ts";

/** Turns the packets of one track of a file into the canonical form of docs/frames.md. */
export interface PacketForm {
  readonly codec: Codec;
  /** The configuration in force from this packet on; undefined while it stays as it was. Asked once for every packet, in order. */
  config(packet: Uint8Array, isKey: boolean): Uint8Array | undefined;
  payload(packet: Uint8Array): Uint8Array;
}

const CODECS: Readonly<Partial<Record<FileVideoCodec | FileAudioCodec, Codec>>> = {
  avc: "h264",
  hevc: "hevc",
  av1: "av1",
  vp9: "vp9",
  vp8: "vp8",
  aac: "aac",
  opus: "opus",
  mp3: "mp3",
  ac3: "ac3",
  eac3: "eac3",
  flac: "flac",
  ulaw: "pcmu",
  alaw: "pcma",
};

/** The form of a track; undefined when it is of a codec that we do not carry. Throws MediaError when its configuration is missing. */
export async function packetForm(track: InputTrack, first: EncodedPacket): Promise<PacketForm | undefined> {
  const fileCodec = await track.getCodec();
  const codec = fileCodec === null ? undefined : CODECS[fileCodec as keyof typeof CODECS];
  if (codec === undefined) return undefined;
  const decoder = track.isVideoTrack() || track.isAudioTrack() ? await track.getDecoderConfig() : null;
  const description = decoder?.description === undefined ? undefined : bytesOf(decoder.description);
  if (codec === "av1") return once(codec, av1Config(decoder?.codec ?? "", first.data), canonicalTemporalUnit);
  if (codec === "vp9" || codec === "vp8") return once(codec, vpConfig(decoder?.codec ?? ""), (packet) => packet);
  if (description) return described(codec, description);
  if (codec === "h264") return annexB(codec, avcConfigIn);
  if (codec === "hevc") return annexB(codec, hevcConfigIn);
  if (codec === "aac") return adts();
  if (codec === "flac") throw new MediaError("FLAC without its STREAMINFO");
  return once(codec, canonicalConfig(codec, new Uint8Array(0)), (packet) => packet);
}

function bytesOf(source: AllowSharedBufferSource): Uint8Array {
  return ArrayBuffer.isView(source)
    ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength).slice()
    : new Uint8Array(source).slice();
}

/** One configuration for the whole track. */
function once(codec: Codec, config: Uint8Array, payload: (packet: Uint8Array) => Uint8Array): PacketForm {
  let isTold = false;
  return {
    codec,
    config: () => {
      if (isTold) return undefined;
      isTold = true;
      return config;
    },
    payload,
  };
}

function described(codec: Codec, description: Uint8Array): PacketForm {
  const lengthSize = announcedLengthSize(codec, description);
  return once(codec, canonicalConfig(codec, description), (packet) => canonicalPayload(codec, packet, lengthSize));
}

/** Parameter sets come in the stream, in front of key frames, and may change there. */
function annexB(codec: Codec, configIn: (accessUnit: Uint8Array) => Uint8Array | undefined): PacketForm {
  let current: Uint8Array | undefined;
  return {
    codec,
    config: (packet, isKey) => {
      const found = isKey || current === undefined ? configIn(packet) : undefined;
      if (found === undefined || (current && Buffer.compare(found, current) === 0)) return undefined;
      current = found;
      return found;
    },
    payload: annexBToLengthPrefixed,
  };
}

const AVC_SPS = 7;
const AVC_PPS = 8;

function avcConfigIn(accessUnit: Uint8Array): Uint8Array | undefined {
  const units = [...annexBNalUnits(accessUnit)];
  const ofType = (type: number) => units.filter((unit) => (unit[0]! & 0x1f) === type);
  const sets = ofType(AVC_SPS);
  return sets.length === 0 ? undefined : writeAvcConfig(avcConfigOf(sets, ofType(AVC_PPS)));
}

const HEVC_VPS = 32;
const HEVC_SPS = 33;
const HEVC_PPS = 34;

function hevcConfigIn(accessUnit: Uint8Array): Uint8Array | undefined {
  const units = [...annexBNalUnits(accessUnit)];
  const ofType = (type: number) => units.filter((unit) => hevcNalUnitType(unit) === type);
  const sets = ofType(HEVC_SPS);
  return sets.length === 0 ? undefined : writeHevcConfig(hevcConfigOf(ofType(HEVC_VPS), sets, ofType(HEVC_PPS)));
}

function adts(): PacketForm {
  let current: Uint8Array | undefined;
  return {
    codec: "aac",
    config: (packet) => {
      const found = configOfAdts(readAdtsHeader(packet));
      if (current && Buffer.compare(found, current) === 0) return undefined;
      current = found;
      return found;
    },
    payload: (packet) => packet.subarray(readAdtsHeader(packet).headerBytes),
  };
}

/** The record that the codec string stands for, `av01.0.05M.08`, and the sequence header of the first packet. AV1-ISOBMFF §2.3.3, §5. */
function av1Config(codecString: string, first: Uint8Array): Uint8Array {
  const [, profile = "0", level = "00M", depth = "8", monochrome = "0", subsampling = "110"] = codecString.split(".");
  const bitDepth = Number(depth);
  const [subsamplingX = "1", subsamplingY = "1", position = "0"] = subsampling;
  const w = new ByteWriter();
  w.u8(0x81);
  w.u8((Number(profile) << 5) | Number.parseInt(level, 10));
  w.u8(
    (level.endsWith("H") ? 0x80 : 0) |
      (bitDepth > 8 ? 0x40 : 0) |
      (bitDepth === 12 ? 0x20 : 0) |
      (Number(monochrome) << 4) |
      (Number(subsamplingX) << 3) |
      (Number(subsamplingY) << 2) |
      Number(position),
  );
  w.u8(0);
  w.put(sequenceHeaderObu(first));
  return w.toBytes();
}

function sequenceHeaderObu(temporalUnit: Uint8Array): Uint8Array {
  const unit = canonicalTemporalUnit(temporalUnit);
  for (const { type, header, payload } of obus(unit)) {
    if (type === OBU_SEQUENCE_HEADER) return unit.subarray(header.byteOffset - unit.byteOffset, endOf(payload) - unit.byteOffset);
  }
  return new Uint8Array(0);
}

const endOf = (view: Uint8Array) => view.byteOffset + view.length;

/** The record that the codec string stands for: `vp09.00.20.08.01.02.02.02.00`; what it leaves out is 8-bit 4:2:0 of BT.709. */
function vpConfig(codecString: string): Uint8Array {
  const fields = codecString.split(".").slice(1);
  const [profile = 0, level = 10, depth = 8, chroma = 1, primaries = 1, transfer = 1, matrix = 1, fullRange = 0] =
    fields.map(Number);
  const w = new ByteWriter();
  w.u8(profile);
  w.u8(level);
  w.u8((depth << 4) | (chroma << 1) | fullRange);
  w.u8(primaries);
  w.u8(transfer);
  w.u8(matrix);
  w.u16(0); // codecInitializationDataSize
  return w.toBytes();
}
