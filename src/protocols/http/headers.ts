import { LimitError } from "../../base/media-error.ts";
import { FormatError } from "../../bytes/format-error.ts";
import { isToken } from "./tokens.ts";

/** Header fields by lower-case name. Repeated fields are one value, joined with ", " ("; " for cookies), RFC 9110 §5.3. */
export type Headers = ReadonlyMap<string, string>;

export const MAX_HEADER_COUNT = 64;

/** Fields that decide where a message ends or whom it is for: two of them are an attack or a bug, never a list. */
const SINGLE = new Set(["content-length", "host", "sec-websocket-key", "sec-websocket-version"]);

/**
 * Parses `field-line`s (RFC 9112 §5), already split at CRLF. Continuation lines (obs-fold) are refused, as is white space before
 * the colon (§5.1), a control character in a value, a repeated field of those that must be single. Throws FormatError, LimitError.
 */
export function parseHeaders(lines: readonly string[]): Map<string, string> {
  if (lines.length > MAX_HEADER_COUNT) {
    throw new LimitError(`http: ${lines.length} headers, above the limit of ${MAX_HEADER_COUNT}`, { code: "headers-too-large" });
  }
  const headers = new Map<string, string>();
  for (const line of lines) {
    const [name, value] = parseFieldLine(line);
    const before = headers.get(name);
    if (before !== undefined && SINGLE.has(name)) throw new FormatError(`http: more than one ${name} header`);
    headers.set(name, before === undefined ? value : before + (name === "cookie" ? "; " : ", ") + value);
  }
  checkFraming(headers);
  return headers;
}

function parseFieldLine(line: string): [name: string, value: string] {
  const colon = line.indexOf(":");
  const name = line.slice(0, Math.max(colon, 0));
  // A continuation line begins with white space, so it has no token before its colon and is refused here too.
  if (!isToken(name)) throw new FormatError("http: a header line without a valid name");
  const value = trimWhiteSpace(line.slice(colon + 1));
  for (let i = 0; i < value.length; i++) {
    const code = value.charCodeAt(i);
    if ((code < 0x20 && code !== 0x09) || code === 0x7f) throw new FormatError(`http: a control character in header ${name}`);
  }
  return [name.toLowerCase(), value];
}

/** OWS is space and tab only; String.trim would take the non-breaking space of obs-text too. RFC 9110 §5.6.3. */
function trimWhiteSpace(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(text.charCodeAt(start))) start++;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

/** RFC 9112 §6.1–6.3: a message that says its length in two ways is how requests are smuggled; it is refused, never guessed. */
function checkFraming(headers: Headers): void {
  const length = headers.get("content-length");
  if (length === undefined) return;
  if (headers.has("transfer-encoding")) throw new FormatError("http: both content-length and transfer-encoding");
  if (!/^[0-9]{1,15}$/.test(length)) throw new FormatError("http: content-length is not a number");
}
