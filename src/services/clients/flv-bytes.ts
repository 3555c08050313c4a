import { ByteWriter } from "../../bytes/byte-writer.ts";
import {
  FLV_HEADER_BYTES,
  FLV_TAG_OVERHEAD_BYTES,
  type FlvTag,
  writeFlvHeader,
  writeFlvTag,
} from "../../containers/flv/flv-tag.ts";

/** The file header of an FLV stream and PreviousTagSize0. */
export function flvHeaderBytes(hasVideo: boolean, hasAudio: boolean): Uint8Array {
  const w = ByteWriter.over(new Uint8Array(FLV_HEADER_BYTES));
  writeFlvHeader(w, hasVideo, hasAudio);
  return w.bytes;
}

/** A whole tag in a buffer of its own. */
export function flvTagBytes(tag: FlvTag): Uint8Array {
  const w = ByteWriter.over(new Uint8Array(FLV_TAG_OVERHEAD_BYTES + tag.data.length));
  writeFlvTag(w, tag);
  return w.bytes;
}
