import { FormatError } from "../../bytes/format-error.ts";

/** What a request-target names. RFC 9112 §3.2, RFC 3986 §3. */
export interface RequestTarget {
  /** Percent-decoded, always with a leading "/"; "*" for the asterisk-form of OPTIONS. Not normalised: see `mediaPathSegments`. */
  readonly path: string;
  /** As sent, without the "?"; empty when there is none. `new URLSearchParams(query)` reads it. */
  readonly query: string;
  /** `host[:port]` of an absolute-form target, which overrides the Host header (RFC 9112 §3.2.2); empty otherwise. */
  readonly authority: string;
}

/** Parses origin-form (`/live/a.flv?x=1`), absolute-form (`http://host/live/a.flv`) and, for OPTIONS, asterisk-form. Throws FormatError. */
export function parseRequestTarget(target: string, method: string): RequestTarget {
  if (target === "*" && method === "OPTIONS") return { path: "*", query: "", authority: "" };
  if (target.includes("#")) throw new FormatError("http: a request target may not hold a fragment");
  const { authority, rest } = splitAuthority(target);
  const mark = rest.indexOf("?");
  const path = mark < 0 ? rest : rest.slice(0, mark);
  return { path: decodePath(path), query: mark < 0 ? "" : rest.slice(mark + 1), authority };
}

function splitAuthority(target: string): { authority: string; rest: string } {
  if (target.startsWith("/")) return { authority: "", rest: target };
  const [, authority, rest = ""] = /^https?:\/\/([^/?]+)(.*)$/i.exec(target) ?? [];
  if (authority === undefined) throw new FormatError("http: the request target is neither a path nor an absolute http URL");
  if (authority.includes("@")) throw new FormatError("http: user information in a request target");
  return { authority, rest: rest.startsWith("/") ? rest : `/${rest}` };
}

/**
 * An encoded slash or backslash is refused rather than decoded, so that a decoded path has the segments the sender meant;
 * so are control characters (NUL among them), broken escapes and bytes that are not UTF-8.
 */
function decodePath(path: string): string {
  if (/%2f|%5c/i.test(path)) throw new FormatError("http: an encoded slash in the path");
  let decoded: string;
  try {
    decoded = decodeURIComponent(path);
  } catch (cause) {
    throw new FormatError("http: broken percent-encoding in the path", { cause });
  }
  for (let i = 0; i < decoded.length; i++) {
    const code = decoded.charCodeAt(i);
    if (code < 0x20 || code === 0x7f) throw new FormatError("http: a control character in the path");
  }
  return decoded;
}

/**
 * The segments of a path that names a stream: `/live/a.flv` gives `["live", "a.flv"]`. Nothing is normalised: empty segments, dot
 * segments and backslashes are a FormatError, since two spellings of one stream would be two streams to a cache or an access rule.
 */
export function mediaPathSegments(path: string): string[] {
  const segments = path.split("/");
  if (segments.shift() !== "") throw new FormatError("http: a path must begin with a slash");
  for (const segment of segments) {
    if (segment === "" || segment === "." || segment === ".." || segment.includes("\\")) {
      throw new FormatError("http: an empty or dot segment in the path of a stream");
    }
  }
  return segments;
}
