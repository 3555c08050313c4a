import type { ByteReader } from "../../bytes/byte-reader.ts";
import type { ByteWriter } from "../../bytes/byte-writer.ts";

// a byte order mark is text here: AMF has no other encoding
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const encoder = new TextEncoder();

/** `length` bytes of UTF-8; bytes that are none become U+FFFD, as old encoders send Latin-1. */
export function readUtf8(reader: ByteReader, length: number): string {
  return decoder.decode(reader.take(length));
}

export function encodeUtf8(text: string): Uint8Array {
  return encoder.encode(text);
}

/** Writes `text` behind its length in bytes in 16 bits; longer text is cut, never inside a character. */
export function writeUtf8Short(w: ByteWriter, text: string): void {
  let bytes = encodeUtf8(text);
  if (bytes.length > 0xffff) {
    let end = 0xffff;
    while ((bytes[end]! & 0xc0) === 0x80) end--;
    bytes = bytes.subarray(0, end);
  }
  w.u16(bytes.length);
  w.put(bytes);
}
