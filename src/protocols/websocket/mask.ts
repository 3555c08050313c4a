/** Below this a view of words costs more than it saves. */
const WORDWISE_FROM_BYTES = 64;

const rotated = new Uint8Array(4);
const rotatedWord = new Uint32Array(rotated.buffer);

/**
 * Masks or unmasks `bytes` in place: octet i is XORed with octet (phase + i) mod 4 of the key. RFC 6455 §5.3. `phase` is how much
 * of the payload came before, so that a payload can be unmasked in pieces. Long pieces go four bytes at a time.
 */
export function applyMask(bytes: Uint8Array, key: Uint8Array, phase = 0): void {
  const length = bytes.length;
  let at = 0;
  if (length >= WORDWISE_FROM_BYTES) {
    const lead = -bytes.byteOffset & 3;
    maskBytes(bytes, key, 0, lead, phase);
    for (let i = 0; i < 4; i++) rotated[i] = key[(phase + lead + i) & 3] ?? 0;
    const words = new Uint32Array(bytes.buffer, bytes.byteOffset + lead, (length - lead) >>> 2);
    const word = rotatedWord[0] ?? 0; // in this machine's byte order, as `words`
    for (let i = 0; i < words.length; i++) words[i]! ^= word;
    at = lead + words.length * 4;
  }
  maskBytes(bytes, key, at, length, phase);
}

function maskBytes(bytes: Uint8Array, key: Uint8Array, from: number, to: number, phase: number): void {
  for (let i = from; i < to; i++) bytes[i]! ^= key[(phase + i) & 3]!;
}
