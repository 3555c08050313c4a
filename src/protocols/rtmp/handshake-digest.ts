/**
 * The "complex" handshake that Flash Player 9 and everything after it uses to prove itself: a digest hidden inside C1 and S1, at a place
 * that four of their bytes say. It is in no published standard; Flash Player plays H.264 only from servers that know it.
 *
 *   C1 / S1, 1536 bytes:   time 4 | version 4, not 0 | block 764 | block 764
 *   schema 0: key block, then digest block          schema 1: digest block, then key block
 *   digest block:   offset 4 (the sum of its bytes modulo 728) | random | digest 32 at 4 + offset | random
 *   digest = HMAC-SHA256(partial key of the sender, the 1504 bytes around the digest)
 *
 *   C2 / S2, 1536 bytes:   random 1504 | HMAC-SHA256(HMAC-SHA256(full key of the sender, digest of the other side), those 1504)
 */

/** What the handshake needs from the runtime. */
export interface RtmpCrypto {
  hmacSha256(key: Uint8Array, data: Uint8Array): Uint8Array;
  random(length: number): Uint8Array;
}

/** Bytes of C1, S1, C2 and S2 alike. */
export const HANDSHAKE_BYTES = 1536;
const DIGEST_BYTES = 32;
const OFFSET_MODULUS = 728;

export type DigestSchema = 0 | 1;
export const DIGEST_SCHEMAS: readonly DigestSchema[] = [0, 1];
/** Where the digest block begins, by schema. */
const DIGEST_BLOCK = [772, 8] as const;

const KEY_TAIL = Uint8Array.of(
  ...[0xf0, 0xee, 0xc2, 0x4a, 0x80, 0x68, 0xbe, 0xe8, 0x2e, 0x00, 0xd0, 0xd1, 0x02, 0x9e, 0x7e, 0x57],
  ...[0x6e, 0xec, 0x5d, 0x2d, 0x29, 0x80, 0x6f, 0xab, 0x93, 0xb8, 0xe6, 0x36, 0xcf, 0xeb, 0x31, 0xae],
);

/** A side's two keys: the readable one signs C1 or S1, the one with the tail makes the key of C2 or S2. */
export interface HandshakeKey {
  readonly partial: Uint8Array;
  readonly full: Uint8Array;
}

function handshakeKey(text: string): HandshakeKey {
  const partial = Uint8Array.from(text, (letter) => letter.charCodeAt(0));
  return { partial, full: Uint8Array.of(...partial, ...KEY_TAIL) };
}

export const SERVER_KEY = handshakeKey("Genuine Adobe Flash Media Server 001");
export const CLIENT_KEY = handshakeKey("Genuine Adobe Flash Player 001");

function digestOffset(packet: Uint8Array, schema: DigestSchema): number {
  const block = DIGEST_BLOCK[schema];
  let sum = 0;
  for (let i = 0; i < 4; i++) sum += packet[block + i] ?? 0;
  return block + 4 + (sum % OFFSET_MODULUS);
}

function computeDigest(crypto: RtmpCrypto, packet: Uint8Array, at: number, key: HandshakeKey): Uint8Array {
  const around = new Uint8Array(HANDSHAKE_BYTES - DIGEST_BYTES);
  around.set(packet.subarray(0, at));
  around.set(packet.subarray(at + DIGEST_BYTES), at);
  return crypto.hmacSha256(key.partial, around);
}

const equal = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && a.every((byte, i) => byte === b[i]);

/** The digest that `key`'s owner hid in C1 or S1 (a copy), and how; undefined when there is none. */
export function findDigest(
  crypto: RtmpCrypto,
  packet: Uint8Array,
  key: HandshakeKey,
): { schema: DigestSchema; digest: Uint8Array } | undefined {
  for (const schema of DIGEST_SCHEMAS) {
    const at = digestOffset(packet, schema);
    const digest = packet.slice(at, at + DIGEST_BYTES);
    if (equal(digest, computeDigest(crypto, packet, at, key))) return { schema, digest };
  }
  return undefined;
}

/** Hides `key`'s digest in a C1 or S1 that is otherwise complete, and returns it. */
export function signPacket(crypto: RtmpCrypto, packet: Uint8Array, schema: DigestSchema, key: HandshakeKey): Uint8Array {
  const at = digestOffset(packet, schema);
  const digest = computeDigest(crypto, packet, at, key);
  packet.set(digest, at);
  return digest;
}

/** C2 or S2: `key`'s owner answers the digest of the other side. */
export function answerDigest(crypto: RtmpCrypto, digest: Uint8Array, key: HandshakeKey): Uint8Array {
  const packet = crypto.random(HANDSHAKE_BYTES);
  const signed = packet.subarray(0, HANDSHAKE_BYTES - DIGEST_BYTES);
  packet.set(crypto.hmacSha256(crypto.hmacSha256(key.full, digest), signed), signed.length);
  return packet;
}
