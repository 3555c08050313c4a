import { createHmac, randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MediaError } from "../../base/media-error.ts";
import { ParserDriver } from "../../bytes/parser.ts";
import { clientHandshake, HANDSHAKE_BYTES, serverHandshake } from "./handshake.ts";
import {
  answerDigest,
  CLIENT_KEY,
  DIGEST_SCHEMAS,
  findDigest,
  type HandshakeKey,
  type RtmpCrypto,
  SERVER_KEY,
  signPacket,
} from "./handshake-digest.ts";

const crypto: RtmpCrypto = {
  hmacSha256: (key, data) => new Uint8Array(createHmac("sha256", key).update(data).digest()),
  random: (length) => new Uint8Array(randomBytes(length)),
};

function server() {
  const sent: Uint8Array[] = [];
  const driver = new ParserDriver(
    serverHandshake(crypto, (bytes) => sent.push(bytes)),
    { format: "rtmp", maxAskBytes: HANDSHAKE_BYTES },
  );
  return { sent, driver };
}

function signedC1(schema: 0 | 1): { c1: Uint8Array; digest: Uint8Array } {
  const c1 = crypto.random(HANDSHAKE_BYTES);
  c1.set([0, 0, 0, 0, 9, 0, 124, 2]);
  return { c1, digest: signPacket(crypto, c1, schema, CLIENT_KEY) };
}

/** What Flash and ffmpeg check of an S2 or C2. */
function isAnswerTo(digest: Uint8Array, packet: Uint8Array, key: HandshakeKey): boolean {
  const expected = crypto.hmacSha256(crypto.hmacSha256(key.full, digest), packet.subarray(0, 1504));
  return Buffer.compare(expected, packet.subarray(1504)) === 0;
}

describe("serverHandshake", () => {
  test("answers a simple C1 with version 0 and an echo", () => {
    const { sent, driver } = server();
    const c1 = crypto.random(HANDSHAKE_BYTES).fill(0, 4, 8);
    driver.push(Uint8Array.of(3));
    driver.push(c1);
    expect(sent).toHaveLength(1);
    const answer = sent[0]!;
    expect(answer[0]).toBe(3);
    expect(answer.subarray(5, 9)).toEqual(new Uint8Array(4));
    expect(answer.subarray(1 + HANDSHAKE_BYTES)).toEqual(c1);
    expect(driver.isDone).toBe(false);
    driver.push(new Uint8Array(HANDSHAKE_BYTES + 2));
    expect(driver.isDone).toBe(true);
    expect(driver.rest()).toHaveLength(2);
  });

  for (const schema of DIGEST_SCHEMAS) {
    test(`answers a C1 signed by schema ${schema} with S1 signed by the same and S2 that proves it knows the key`, () => {
      const { sent, driver } = server();
      const { c1, digest } = signedC1(schema);
      driver.push(Uint8Array.of(3, ...c1));
      const s1 = sent[0]!.subarray(1, 1 + HANDSHAKE_BYTES);
      expect(s1[4]).toBeGreaterThanOrEqual(3);
      expect(findDigest(crypto, s1, SERVER_KEY)?.schema).toBe(schema);
      expect(isAnswerTo(digest, sent[0]!.subarray(1 + HANDSHAKE_BYTES), SERVER_KEY)).toBe(true);
    });
  }

  test("a C1 with a version but a false digest gets the simple answer", () => {
    const { sent, driver } = server();
    const { c1 } = signedC1(0);
    c1[1500]! ^= 1;
    driver.push(Uint8Array.of(3, ...c1));
    expect(sent[0]!.subarray(1 + HANDSHAKE_BYTES)).toEqual(c1);
  });

  test("refuses any version but 3 at its first byte, as when a browser knocks", () => {
    expect(() => server().driver.push(Buffer.from("GET / HTTP/1.1\r\n"))).toThrow("rtmp: handshake of version 71, not 3");
    expect(() => server().driver.push(Uint8Array.of(6))).toThrow("version 6");
  });

  test("random bytes give an answer or a MediaError", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 4000 }), fc.boolean(), (bytes, isRtmp) => {
        const { driver } = server();
        try {
          driver.push(isRtmp ? Uint8Array.of(3, ...bytes) : bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(MediaError);
        }
      }),
      { numRuns: 50 },
    );
  });
});

describe("clientHandshake", () => {
  test("completes with our server, in pieces of any size", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4000 }), (step) => {
        const toServer: Uint8Array[] = [];
        const toClient: Uint8Array[] = [];
        const ours = new ParserDriver(
          serverHandshake(crypto, (bytes) => toClient.push(bytes)),
          { format: "rtmp", maxAskBytes: HANDSHAKE_BYTES },
        );
        const theirs = new ParserDriver(
          clientHandshake(crypto, (bytes) => toServer.push(bytes)),
          { format: "rtmp", maxAskBytes: HANDSHAKE_BYTES },
        );
        for (let turn = 0; turn < 3; turn++) {
          for (const bytes of toServer.splice(0))
            for (let at = 0; at < bytes.length; at += step) ours.push(bytes.slice(at, at + step));
          for (const bytes of toClient.splice(0))
            for (let at = 0; at < bytes.length; at += step) theirs.push(bytes.slice(at, at + step));
        }
        expect([ours.isDone, theirs.isDone]).toEqual([true, true]);
      }),
      { numRuns: 20 },
    );
  });

  test("takes any S1 and S2, and echoes S1", () => {
    const sent: Uint8Array[] = [];
    const driver = new ParserDriver(
      clientHandshake(crypto, (bytes) => sent.push(bytes)),
      { format: "rtmp", maxAskBytes: HANDSHAKE_BYTES },
    );
    const { c1, digest } = signedC1(1);
    driver.push(Uint8Array.of(3, ...c1, ...answerDigest(crypto, digest, SERVER_KEY)));
    expect(driver.isDone).toBe(true);
    expect(sent[0]).toHaveLength(1 + HANDSHAKE_BYTES);
    expect(sent[0]!.subarray(5, 9)).toEqual(new Uint8Array(4));
    expect(sent[1]).toEqual(c1);
  });
});
