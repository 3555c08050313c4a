/** Names a marker; also the UUID of the SEI message that carries it. */
const NAME = "pullload-marker1";
const TIME_DIGITS = 16;
const SEQUENCE_DIGITS = 8;
/** The name, then the wall clock in ns since 1970 as 16 hex digits, then the number of the frame as 8. ASCII, so start code emulation never arises. */
export const MARKER_BYTES = NAME.length + TIME_DIGITS + SEQUENCE_DIGITS;
/** A marker stands in front of the picture: behind parameter sets and an access unit delimiter, if there are any. */
export const MARKER_SEARCH_BYTES = 512;

export interface Marker {
  /** When the frame was sent: wall clock in µs since 1970. */
  readonly sentUs: number;
  /** Of the frame, uint32. */
  readonly sequence: number;
}

/** The marker in the first 512 bytes of a video frame, whatever its format; undefined without one. */
export function findMarker(frame: Uint8Array): Marker | undefined {
  const last = Math.min(frame.length, MARKER_SEARCH_BYTES) - MARKER_BYTES;
  const first = NAME.charCodeAt(0);
  for (let at = frame.indexOf(first); at >= 0 && at <= last; at = frame.indexOf(first, at + 1)) {
    if (isNameAt(frame, at)) return readMarker(frame, at + NAME.length);
  }
  return undefined;
}

/** Writes a marker at `at`; nothing is allocated. `sentUs` may have a fraction. */
export function writeMarker(frame: Uint8Array, at: number, sentUs: number, sequence: number): void {
  for (let i = 0; i < NAME.length; i++) frame[at + i] = NAME.charCodeAt(i);
  // ns since 1970 do not fit 53 bits: the seconds' worth and the rest are multiplied apart.
  const wholeUs = Math.floor(sentUs);
  const highUs = Math.floor(wholeUs / 0x1_0000_0000);
  const lowNs = (wholeUs - highUs * 0x1_0000_0000) * 1000 + Math.floor((sentUs - wholeUs) * 1000);
  const carry = Math.floor(lowNs / 0x1_0000_0000);
  writeHex(frame, at + NAME.length, highUs * 1000 + carry);
  writeHex(frame, at + NAME.length + 8, lowNs - carry * 0x1_0000_0000);
  writeHex(frame, at + NAME.length + TIME_DIGITS, sequence >>> 0);
}

function isNameAt(frame: Uint8Array, at: number): boolean {
  for (let i = 1; i < NAME.length; i++) if (frame[at + i] !== NAME.charCodeAt(i)) return false;
  return true;
}

function readMarker(frame: Uint8Array, at: number): Marker | undefined {
  const high = readHex(frame, at);
  const low = readHex(frame, at + 8);
  const sequence = readHex(frame, at + TIME_DIGITS);
  if (high < 0 || low < 0 || sequence < 0) return undefined;
  return { sentUs: high * (0x1_0000_0000 / 1000) + low / 1000, sequence };
}

/** Eight hex digits, or −1. */
function readHex(frame: Uint8Array, at: number): number {
  let value = 0;
  for (let i = at; i < at + 8; i++) {
    const byte = frame[i]!;
    const letter = byte | 0x20;
    const digit = byte >= 0x30 && byte <= 0x39 ? byte - 0x30 : letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}

function writeHex(frame: Uint8Array, at: number, value: number): void {
  for (let i = 0; i < 8; i++) {
    const digit = (value >>> (28 - 4 * i)) & 15;
    frame[at + i] = digit < 10 ? 0x30 + digit : 0x57 + digit;
  }
}
