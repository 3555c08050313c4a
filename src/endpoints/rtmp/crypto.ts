import { createHmac, randomBytes } from "node:crypto";
import type { RtmpCrypto } from "../../protocols/rtmp/handshake.ts";

export const rtmpCrypto: RtmpCrypto = {
  hmacSha256: (key, data) => createHmac("sha256", key).update(data).digest(),
  random: (length) => randomBytes(length),
};
