import { LimitError } from "../../base/media-error.ts";
import { ByteReader } from "../../bytes/byte-reader.ts";
import { FormatError } from "../../bytes/format-error.ts";
import type { Parser } from "../../bytes/parser.ts";
import { FLV_AUDIO, FLV_SCRIPT, FLV_TAG_HEADER_BYTES, FLV_VIDEO, type FlvTag } from "./flv-tag.ts";

/** The largest body that is read, unless said otherwise: a frame of 8 MiB and its headers. */
export const MAX_FLV_TAG_BYTES = 8 * 1024 * 1024 + 1024;
/** The file header says its own length; nobody has written other than 9 yet. */
export const MAX_FLV_FILE_HEADER_BYTES = 1024;

const FILTERED = 0x20;

/**
 * An FLV stream: file header, then tags without end. Adobe FLV 10.1, annex E.2 to E.4.1. Tags of unknown type are skipped; the size
 * behind each tag is not looked at, as many writers get it wrong. Throws FormatError for anything that is not FLV or is encrypted,
 * LimitError for a body above `maxTagBytes`.
 */
export function* flvStream(emit: (tag: FlvTag) => void, maxTagBytes: number = MAX_FLV_TAG_BYTES): Parser {
  yield* fileHeader();
  for (;;) {
    const head = new ByteReader(yield FLV_TAG_HEADER_BYTES, "flv");
    const first = head.u8();
    const type = first & 0x1f; // the upper bits are Reserved and Filter
    const size = head.u24();
    const timestamp = (head.u24() | (head.u8() << 24)) >>> 0; // TimestampExtended is the high byte
    if ((first & FILTERED) !== 0) throw new FormatError("flv: an encrypted tag");
    if (size > maxTagBytes) throw new LimitError(`flv: a tag of ${size} bytes is above the limit of ${maxTagBytes}`);
    const data = yield size;
    if (type === FLV_AUDIO || type === FLV_VIDEO || type === FLV_SCRIPT) emit({ type, timestamp, data });
    yield 4; // PreviousTagSize
  }
}

function* fileHeader(): Parser {
  const header = new ByteReader(yield 9, "flv");
  const signature = header.ascii(3);
  const version = header.u8();
  header.skip(1); // what it holds: often wrong, and the tags say it
  const dataOffset = header.u32();
  if (signature !== "FLV" || version !== 1)
    throw new FormatError("flv: the stream does not begin with an FLV header of version 1");
  if (dataOffset < 9) throw new FormatError(`flv: DataOffset ${dataOffset}, below 9`);
  if (dataOffset > MAX_FLV_FILE_HEADER_BYTES) {
    throw new LimitError(`flv: a header of ${dataOffset} bytes is above the limit of ${MAX_FLV_FILE_HEADER_BYTES}`);
  }
  yield dataOffset - 9 + 4; // the rest of the header, PreviousTagSize0
}
