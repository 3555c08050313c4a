import { ProtocolError } from "../../base/media-error.ts";
import type { Parser } from "../../bytes/parser.ts";
import {
  answerDigest,
  CLIENT_KEY,
  findDigest,
  HANDSHAKE_BYTES,
  type RtmpCrypto,
  SERVER_KEY,
  signPacket,
} from "./handshake-digest.ts";

export type { RtmpCrypto } from "./handshake-digest.ts";
export { HANDSHAKE_BYTES } from "./handshake-digest.ts";

/** C0 and S0: plain RTMP. 6 and 8 are the encrypted variants, which nobody offers without Flash. */
const RTMP_VERSION = 3;
/** What S1 says in its version field when it carries a digest; the first byte must be 3 or more for ffmpeg to look for one. */
const SIGNED_VERSION = [4, 5, 0, 1];

function checkVersion(version: number | undefined): void {
  if (version !== RTMP_VERSION) throw new ProtocolError(`rtmp: handshake of version ${version}, not ${RTMP_VERSION}`);
}

/** S1 and S2 for a C1: signed when the client's is, else random bytes and an echo. */
function answerClient(crypto: RtmpCrypto, c1: Uint8Array): { s1: Uint8Array; s2: Uint8Array } {
  const s1 = crypto.random(HANDSHAKE_BYTES);
  s1.fill(0, 0, 8); // time and version
  const hidden = c1.subarray(4, 8).some((byte) => byte !== 0) ? findDigest(crypto, c1, CLIENT_KEY) : undefined;
  if (!hidden) return { s1, s2: c1 };
  s1.set(SIGNED_VERSION, 4);
  signPacket(crypto, s1, hidden.schema, SERVER_KEY);
  return { s1, s2: answerDigest(crypto, hidden.digest, SERVER_KEY) };
}

/**
 * The server's side: C0 C1 → S0 S1 S2, then C2, which is not looked at (encoders send all kinds of it). RTMP 1.0 §5.2, and the complex
 * form for clients that use it. Ends after C2. `send` owns what it gets. Throws ProtocolError on a version other than 3, at the first byte.
 */
export function* serverHandshake(crypto: RtmpCrypto, send: (bytes: Uint8Array) => void): Parser {
  checkVersion((yield 1)[0]);
  const { s1, s2 } = answerClient(crypto, yield HANDSHAKE_BYTES);
  const answer = new Uint8Array(1 + 2 * HANDSHAKE_BYTES);
  answer[0] = RTMP_VERSION;
  answer.set(s1, 1);
  answer.set(s2, 1 + HANDSHAKE_BYTES);
  send(answer);
  yield HANDSHAKE_BYTES;
}

/**
 * The client's side, simple form: sends C0 C1 at once and C2, the echo of S1, once S1 is there. Any S2 will do. Ends after S2.
 * Servers that insist on the complex form insist on it for Flash only, which says so by a version in C1; ours is 0.
 */
export function* clientHandshake(crypto: RtmpCrypto, send: (bytes: Uint8Array) => void): Parser {
  const hello = new Uint8Array(1 + HANDSHAKE_BYTES);
  hello.set(crypto.random(HANDSHAKE_BYTES - 8), 9);
  hello[0] = RTMP_VERSION;
  send(hello);
  checkVersion((yield 1)[0]);
  send((yield HANDSHAKE_BYTES).slice());
  yield HANDSHAKE_BYTES;
}
