import { LimitError, ProtocolError } from "../../base/media-error.ts";
import { FormatError } from "../../bytes/format-error.ts";
import { type Headers, parseHeaders } from "./headers.ts";
import { parseRequestTarget } from "./request-target.ts";
import { isToken } from "./tokens.ts";

/** The head of an HTTP/1.0 or HTTP/1.1 request: request line and header section. RFC 9112 §2.1. */
export interface RequestHead {
  /** As sent: methods are case-sensitive. */
  readonly method: string;
  /** The request-target as sent. */
  readonly target: string;
  /** Percent-decoded; see `parseRequestTarget`. */
  readonly path: string;
  /** As sent, without the "?". */
  readonly query: string;
  /** `host[:port]`: from an absolute-form target, else the Host header; empty for HTTP/1.0 without one. */
  readonly authority: string;
  readonly version: "1.0" | "1.1";
  readonly headers: Headers;
  /** Bytes of the head, its empty line included: the body begins there. */
  readonly headLength: number;
}

export const MAX_HEAD_BYTES = 16 * 1024;
export const MAX_TARGET_BYTES = 2 * 1024;
/** Longest registered method is 17 letters. */
const MAX_METHOD_BYTES = 24;

const CR = 0x0d;
const LF = 0x0a;

/**
 * Parses a request head at the start of `bytes`; undefined while its empty line has not arrived. One empty line before the request
 * line is skipped (RFC 9112 §2.2). Lines end with CRLF: a bare LF or CR is refused, though §2.2 would allow reading a bare LF, because
 * proxies disagree on it. `from` is a hint: the first byte not looked at by an earlier call with a shorter prefix.
 * Throws FormatError (400), LimitError (414 for the target, 431 for the rest), ProtocolError (505); see `statusOfHeadError`.
 */
export function parseRequestHead(bytes: Uint8Array, from = 0): RequestHead | undefined {
  const start = bytes[0] === CR && bytes[1] === LF ? 2 : 0;
  const end = headEnd(bytes, Math.max(start, from - 3));
  if (end === undefined) {
    if (from < MAX_TARGET_BYTES + MAX_METHOD_BYTES) checkPartialRequestLine(bytes, start);
    if (bytes.length >= MAX_HEAD_BYTES) throw headTooLong();
    return undefined;
  }
  if (end > MAX_HEAD_BYTES) throw headTooLong();
  const lines = latin1(bytes, start, end - 4).split("\r\n");
  const requestLine = parseRequestLine(lines.shift() ?? "");
  const headers = parseHeaders(lines);
  return { ...requestLine, headers, authority: authorityOf(requestLine, headers), headLength: end };
}

function headTooLong(): LimitError {
  return new LimitError(`http: a head above the limit of ${MAX_HEAD_BYTES} bytes`, { code: "headers-too-large" });
}

/** The offset after CRLF CRLF, or undefined. A LF that no CR precedes, or a CR that no LF follows, is refused where it stands. */
function headEnd(bytes: Uint8Array, from: number): number | undefined {
  const until = Math.min(bytes.length, MAX_HEAD_BYTES + 1);
  for (let i = from; i < until; i++) {
    const byte = bytes[i];
    if (byte === CR && i + 1 < until && bytes[i + 1] !== LF) throw new FormatError("http: a carriage return without line feed");
    if (byte !== LF) continue;
    if (bytes[i - 1] !== CR) throw new FormatError("http: a line feed without carriage return");
    if (i >= 3 && bytes[i - 2] === LF && bytes[i - 3] === CR) return i + 1;
  }
  return undefined;
}

/** Refuses what cannot become a request line (TLS, RTMP, a long target) before more of it is read. */
function checkPartialRequestLine(bytes: Uint8Array, start: number): void {
  const limit = MAX_METHOD_BYTES + MAX_TARGET_BYTES + 2;
  for (let i = start; i < bytes.length; i++) {
    const byte = bytes[i] ?? 0;
    if (byte === CR) return;
    if (byte < 0x20 || byte > 0x7e) throw new FormatError("http: not a request line");
    if (byte === 0x20 && i === start) throw new FormatError("http: a request line without method");
    if (i - start > limit) throw targetTooLong();
  }
}

function targetTooLong(): LimitError {
  return new LimitError(`http: a request target above the limit of ${MAX_TARGET_BYTES} bytes`, { code: "target-too-long" });
}

type RequestLine = Pick<RequestHead, "method" | "target" | "path" | "query" | "authority" | "version">;

/** `method SP request-target SP HTTP-version`, single spaces only. RFC 9112 §3. */
function parseRequestLine(line: string): RequestLine {
  const [method = "", target = "", version = "", ...more] = line.split(" ");
  if (target.length > MAX_TARGET_BYTES) throw targetTooLong();
  if (more.length > 0 || !isToken(method) || method.length > MAX_METHOD_BYTES) throw new FormatError("http: not a request line");
  if (!/^[\x21-\x7e]+$/.test(target)) throw new FormatError("http: the request target holds bytes that must be encoded");
  return { method, target, ...parseRequestTarget(target, method), version: parseVersion(version) };
}

function parseVersion(text: string): "1.0" | "1.1" {
  if (text === "HTTP/1.1") return "1.1";
  if (text === "HTTP/1.0") return "1.0";
  if (/^HTTP\/[0-9]\.[0-9]$/.test(text))
    throw new ProtocolError(`http: version ${text} is not spoken here`, { code: "http-version" });
  throw new FormatError("http: a request line without HTTP version");
}

/** RFC 9112 §3.2: an HTTP/1.1 request has exactly one Host; §3.2.2: the authority of an absolute-form target comes before it. */
function authorityOf(line: RequestLine, headers: Headers): string {
  const host = headers.get("host");
  if (host === undefined && line.version === "1.1") throw new FormatError("http: an HTTP/1.1 request without host header");
  if (host !== undefined && /[\s/@,]/.test(host)) throw new FormatError("http: a host header that names no host");
  if (line.version === "1.0" && headers.has("transfer-encoding")) {
    throw new FormatError("http: transfer-encoding in an HTTP/1.0 request"); // RFC 9112 §6.1: its framing is faulty
  }
  return line.authority || (host ?? "");
}

/** One character per byte, so that offsets stay and no byte is lost. */
function latin1(bytes: Uint8Array, start: number, end: number): string {
  let text = "";
  for (let at = start; at < end; at += 4096) text += String.fromCharCode(...bytes.subarray(at, Math.min(end, at + 4096)));
  return text;
}

/** The status to answer when `parseRequestHead` threw. */
export function statusOfHeadError(error: unknown): 400 | 414 | 431 | 505 {
  if (error instanceof LimitError) return error.code === "target-too-long" ? 414 : 431;
  return error instanceof ProtocolError ? 505 : 400;
}
