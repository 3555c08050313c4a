import type { RequestHead } from "../http/request-head.ts";
import { listElements } from "../http/tokens.ts";

/** SHA-1 of `data`, 20 bytes. Injected: this layer has no crypto of its own. */
export type Sha1 = (data: Uint8Array) => Uint8Array;

/** RFC 6455 §1.3. */
const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const VERSION = "13";

/** Sec-WebSocket-Accept for a client's Sec-WebSocket-Key: base64(SHA-1(key + GUID)). RFC 6455 §4.2.2, item 5.4. */
export function acceptKey(key: string, sha1: Sha1): string {
  return btoa(String.fromCharCode(...sha1(Uint8Array.from(key + GUID, (c) => c.charCodeAt(0)))));
}

/** What to answer to a request for an upgrade: status 101 and its headers, or a refusal with the reason for the body. */
export interface UpgradeAnswer {
  readonly status: 101 | 400 | 405 | 426 | 505;
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Empty for 101. */
  readonly reason: string;
}

/** Whether the client asks for a WebSocket, well or badly; other requests are plain HTTP. */
export function wantsWebSocket(head: RequestHead): boolean {
  return listElements(head.headers.get("upgrade")).includes("websocket");
}

/**
 * Answers an opening handshake, RFC 6455 §4.2.1–4.2.2. Of the client's subprotocols the first of `protocols` is chosen; extensions
 * are never accepted, which the client must live with (§9.1).
 */
export function answerUpgrade(head: RequestHead, sha1: Sha1, protocols: readonly string[] = []): UpgradeAnswer {
  if (head.method !== "GET") return { ...refusal(405, "a WebSocket is opened with GET"), headers: [["Allow", "GET"]] };
  if (head.version !== "1.1") return refusal(505, "a WebSocket needs HTTP/1.1");
  if (!wantsWebSocket(head)) return refusal(426, "the Upgrade header does not name websocket");
  if (!listElements(head.headers.get("connection")).includes("upgrade")) {
    return refusal(400, "the Connection header does not name upgrade");
  }
  if (head.headers.get("sec-websocket-version") !== VERSION)
    return refusal(426, `only WebSocket version ${VERSION} is spoken here`);
  const key = head.headers.get("sec-websocket-key");
  // 16 bytes in base64: 22 characters, the last with 4 bits of padding, and "==" (§4.1, item 7).
  if (key === undefined || !/^[A-Za-z0-9+/]{21}[AQgw]==$/.test(key))
    return refusal(400, "the Sec-WebSocket-Key is not 16 bytes in base64");
  const headers: [string, string][] = [
    ["Upgrade", "websocket"],
    ["Connection", "Upgrade"],
    ["Sec-WebSocket-Accept", acceptKey(key, sha1)],
  ];
  const offered = (head.headers.get("sec-websocket-protocol") ?? "").split(",").map((name) => name.trim());
  const chosen = protocols.find((protocol) => offered.includes(protocol));
  if (chosen !== undefined) headers.push(["Sec-WebSocket-Protocol", chosen]);
  return { status: 101, headers, reason: "" };
}

function refusal(status: 400 | 405 | 426 | 505, reason: string): UpgradeAnswer {
  // §4.2.2 item 4: an unknown version is answered with the versions that are spoken; 426 must name the upgrade (RFC 9110 §15.5.22).
  const headers: [string, string][] =
    status === 426
      ? [
          ["Upgrade", "websocket"],
          ["Connection", "Upgrade"],
          ["Sec-WebSocket-Version", VERSION],
        ]
      : [];
  return { status, headers, reason };
}
