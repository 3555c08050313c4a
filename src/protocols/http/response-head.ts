import { ByteWriter } from "../../bytes/byte-writer.ts";
import { FormatError } from "../../bytes/format-error.ts";
import { isToken } from "./tokens.ts";

const REASONS: Readonly<Record<number, string>> = {
  101: "Switching Protocols",
  200: "OK",
  204: "No Content",
  206: "Partial Content",
  301: "Moved Permanently",
  302: "Found",
  304: "Not Modified",
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  408: "Request Timeout",
  409: "Conflict",
  410: "Gone",
  413: "Content Too Large",
  414: "URI Too Long",
  415: "Unsupported Media Type",
  426: "Upgrade Required",
  429: "Too Many Requests",
  431: "Request Header Fields Too Large",
  500: "Internal Server Error",
  501: "Not Implemented",
  503: "Service Unavailable",
  505: "HTTP Version Not Supported",
};

/**
 * The bytes of a response head: status line, header fields in the given order, empty line. RFC 9112 §4. Always HTTP/1.1, also to
 * an HTTP/1.0 client (RFC 9110 §6.2). Throws FormatError for a name that is no token or a value with CR, LF, NUL or another
 * control character: values may repeat what a peer sent, and must not end the line early.
 */
export function writeResponseHead(
  status: number,
  headers: Iterable<readonly [name: string, value: string | number]>,
): Uint8Array {
  const w = new ByteWriter(512);
  w.ascii(`HTTP/1.1 ${status} ${REASONS[status] ?? ""}\r\n`);
  for (const [name, value] of headers) {
    const text = String(value);
    if (!isToken(name) || /[^\t\x20-\x7e\x80-\xff]/.test(text)) throw new FormatError(`http: header ${name} cannot be sent`);
    w.ascii(`${name}: ${text}\r\n`);
  }
  w.ascii("\r\n");
  return w.toBytes();
}
