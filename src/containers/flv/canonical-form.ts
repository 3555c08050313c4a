import { ByteWriter } from "../../bytes/byte-writer.ts";
import { canonicalTemporalUnit } from "../../codecs/av1/obu.ts";
import { canonicalFlacConfig } from "../../codecs/flac/stream-info.ts";
import { annexBToLengthPrefixed, hasStartCode } from "../../codecs/h264/annex-b.ts";
import { canonicalAvcConfig, readAvcConfig } from "../../codecs/h264/avc-config.ts";
import { isLengthPrefixed, type LengthSize, nalUnits, writeLengthPrefixed } from "../../codecs/h264/nal-units.ts";
import { canonicalHevcConfig, readHevcConfig } from "../../codecs/hevc/hevc-config.ts";
import { plainOpusHead } from "../../codecs/opus/opus-head.ts";
import { canonicalVpConfig } from "../../codecs/vp9/vp-config.ts";
import type { Codec } from "../../media/track.ts";

/** The body of a sequence header in the canonical form of `docs/frames.md`: a copy. Throws FormatError when it is malformed. */
export function canonicalConfig(codec: Codec, record: Uint8Array): Uint8Array {
  switch (codec) {
    case "h264":
      return canonicalAvcConfig(record);
    case "hevc":
      return canonicalHevcConfig(record);
    case "vp9":
    case "vp8":
      return canonicalVpConfig(record);
    case "opus":
      return record.length === 0 ? plainOpusHead(2) : record.slice();
    case "flac":
      return canonicalFlacConfig(record);
    case "aac":
    case "av1":
      return record.slice();
    default:
      return new Uint8Array(0);
  }
}

/** Bytes of the lengths in the access units that a sequence header announces; 4 for codecs without. */
export function announcedLengthSize(codec: Codec, record: Uint8Array): LengthSize {
  if (codec === "h264") return readAvcConfig(record).lengthSize;
  return codec === "hevc" ? readHevcConfig(record).lengthSize : 4;
}

/** A frame's bytes in canonical form: `payload` itself where they are so already. Throws FormatError when lengths do not add up. */
export function canonicalPayload(codec: Codec, payload: Uint8Array, lengthSize: LengthSize): Uint8Array {
  if (codec === "h264" || codec === "hevc") return canonicalAccessUnit(payload, lengthSize);
  return codec === "av1" ? canonicalTemporalUnit(payload) : payload;
}

function canonicalAccessUnit(payload: Uint8Array, lengthSize: LengthSize): Uint8Array {
  if (lengthSize === 4 && isLengthPrefixed(payload)) return payload;
  // some hardware encoders put Annex B into FLV, whatever their sequence header says
  if (hasStartCode(payload) && !isLengthPrefixed(payload, lengthSize)) return annexBToLengthPrefixed(payload);
  const w = new ByteWriter(payload.length + 64);
  writeLengthPrefixed(w, nalUnits(payload, lengthSize));
  return w.toBytes();
}
