/** CRC-32/MPEG-2: polynomial 0x04C11DB7, most significant bit first, no final XOR. ISO/IEC 13818-1 annex A. */
const TABLE = new Uint32Array(256).map((_, byte) => {
  let crc = byte << 24;
  for (let bit = 0; bit < 8; bit++) crc = crc < 0 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
  return crc;
});

/** The CRC_32 of `bytes`; over a section with its CRC_32 the result is 0. */
export function crc32Mpeg(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (crc << 8) ^ TABLE[((crc >>> 24) ^ byte) & 0xff]!;
  return crc >>> 0;
}
